// Reading and loading take time in proportion to what is read, whatever is in it; and no name in it is more than a name. The limit
// is several times what these files need; where time grows with the square of a length, they need several times the limit.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadApp } from '@appserve/loader';
import { faultsOf } from '../support/faults.ts';
import { confOf } from '../support/ini-file.ts';
import { folderWith } from '../support/packages.ts';
import { SHAPES, shapeOf } from '../support/shapes.ts';

const LIMIT_MS = 1_000;

/** `[app:main]` with these lines, some of which may be wrong. */
async function assertQuick(lines: readonly string[], { isRefused = false } = {}): Promise<void> {
  const before = process.cpuUsage();
  const read = confOf(['[app:main]', 'use = ./app.mjs', ...lines]);
  await (isRefused ? faultsOf(read) : read);
  // Not by the clock: others may be busy too.
  const { user, system } = process.cpuUsage(before);
  const tookMs = (user + system) / 1_000;
  assert.ok(tookMs < LIMIT_MS, `took ${Math.round(tookMs)} ms`);
}

function repeat(count: number, line: (nth: number) => string): string[] {
  return Array.from({ length: count }, (_, nth) => line(nth));
}

describe('reading takes linear time', () => {
  it('for many sections', async () => assertQuick(repeat(10_000, (nth) => `[s${nth}]\na = ${nth}`)));
  it('for many keys', async () => assertQuick(repeat(20_000, (nth) => `k${nth} = ${nth}`)));
  it('for a long line', async () => assertQuick([`a = ${'value '.repeat(500_000)}`]));
  it('for a value of many lines', async () => assertQuick(['a =', ...repeat(20_000, () => '  value')]));
  it('for many errors', async () =>
    assertQuick(
      repeat(10_000, () => 'nonsense'),
      { isRefused: true },
    ));

  it('for many blanks within a line', async () => assertQuick([`a = x${' '.repeat(40_000)}y`]));
  it('for many blanks in front of a delimiter', async () => assertQuick([`a${' '.repeat(40_000)}= x`]));
  it('for many blanks and no delimiter', async () => assertQuick(['b = 1', `a${' '.repeat(40_000)}x`], { isRefused: true }));
  it('for many blank lines within a value', async () => assertQuick(['a = x', '\n'.repeat(40_000), '  y']));
  it('for many variables in one value', async () => assertQuick(['a = 1', 'b =', ...repeat(12_000, () => '  %(a)s')]));
});

/** The CPU time of an act, the better of two: what else the machine does is not counted, nor what is compiled the first time. */
async function cpuMs(act: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    const before = process.cpuUsage();
    await act();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1_000);
  }
  return Math.min(...times);
}

/** Four times as much takes four times as long, or somewhat more; where time grows with the square, sixteen times. */
const RATIO_MAX = 9;

async function assertLinear(size: number, linesOf: (size: number) => readonly string[]): Promise<void> {
  const timeOf = async (times: number): Promise<number> => {
    using folder = folderWith({ 'site.ini': linesOf(size * times).join('\n'), ...SHAPES });
    return await cpuMs(async () => loadApp('site.ini', { relativeTo: folder.path }));
  };
  const [once, twice, fourTimes] = [await timeOf(1), await timeOf(2), await timeOf(4)];
  assert.ok(fourTimes / once < RATIO_MAX && twice / once < RATIO_MAX / 2, `${once}, ${twice}, ${fourTimes} ms`);
}

describe('loading takes time in proportion to what is loaded', () => {
  const APP = ['[app:main]', 'use = shapes#app'];
  const A = ['[app:a]', 'use = shapes#app'];

  for (const [what, size, linesOf] of [
    [
      'ten megabytes of sections',
      3_000,
      (count) => [...APP, ...repeat(count, (nth) => `[s${nth}]\nuse = nothing\nkey = ${'value '.repeat(140)}`)],
    ],
    ['settings', 5_000, (count) => [...APP, ...repeat(count, (nth) => `key${nth} = %(here)s/${nth}`)]],
    [
      'globals',
      5_000,
      (count) => ['[DEFAULT]', ...repeat(count, (nth) => `key${nth} = %(here)s/${nth}`), ...APP, 'get x = key7'],
    ],
    ['what is set and got', 5_000, (count) => [...APP, ...repeat(count, (nth) => `set x${nth} = 1\nget y${nth} = x${nth}`)]],
    ['apps, one of which is asked for', 2_500, (count) => [...repeat(count, (nth) => `[app:s${nth}]\nuse = shapes#app`), ...APP]],
    [
      'children of a composite',
      1_250,
      (count) => [
        '[composite:main]',
        'use = shapes#urls',
        ...repeat(count, (nth) => `/${nth} = s${nth}`),
        ...repeat(count, (nth) => `[app:s${nth}]\nuse = shapes#app`),
      ],
    ],
    [
      'filters of a pipeline',
      1_000,
      (count) => ['[pipeline:main]', 'pipeline =', ...repeat(count, () => '  shapes#wrap'), '  a', ...A],
    ],
    ['words of a requirement', 4_000, (count) => [...APP, 'require =', ...repeat(count, () => '  shapes')]],
  ] as const satisfies readonly (readonly [string, number, (count: number) => readonly string[]])[]) {
    it(what, async () => assertLinear(size, linesOf));
  }
});

describe('names that JavaScript has for something else are names like others', () => {
  const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];

  for (const name of NAMES) {
    it(`of sections, keys, variables and globals: ${name}`, async () => {
      const lines = [
        '[DEFAULT]',
        `${name} = default`,
        `[composite:${name}]`,
        'use = shapes#urls',
        `/ = x`,
        '[app:x]',
        'use = shapes#app',
      ];
      const app = await shapeOf(
        [...lines, `${name} = own`, `set ${name} = set`, `value = %(${name})s`, `get got = ${name}`],
        {},
        { name },
      );
      const child = app.children['/']!;
      assert.equal(Object.getOwnPropertyDescriptor(child.settings, name)?.value, 'own');
      assert.equal(Object.getOwnPropertyDescriptor(child.globalConf, name)?.value, 'set');
      assert.deepEqual([child.settings['value'], child.settings['got']], ['own', 'set']);
    });

    it(`of the command line and of the caller: ${name}`, async () => {
      const given = Object.fromEntries([[name, 'given']]);
      for (const options of [{ vars: given }, { globalConf: given }]) {
        const { globalConf, settings } = await shapeOf(['[app:main]', 'use = shapes#app', `x = %(${name})s`], {}, options);
        assert.equal(Object.getOwnPropertyDescriptor(globalConf, name)?.value, 'given');
        assert.equal(settings['x'], 'given');
      }
    });

    it(`of packages and of what they offer: ${name}`, async () => {
      for (const use of [
        `${name}#main`,
        `egg:${name}`,
        `call:${name}:main`,
        `shapes#${name}`,
        `shapes#urls.${name}`,
        `./shapes.mjs#${name}`,
      ]) {
        const [fault] = await faultsOf(shapeOf(['[app:main]', `use = ${use}`]));
        assert.match(fault!.code, /^(?:PACKAGE_MISSING|ENTRY_POINT_MISSING|EXPORT_MISSING|USE_INVALID)$/, use);
      }
    });
  }

  it('and nothing has come into the world by them', () => {
    assert.deepEqual(Object.keys(Object.prototype), []);
    assert.equal(({} as Record<string, unknown>)['value'], undefined);
  });
});
