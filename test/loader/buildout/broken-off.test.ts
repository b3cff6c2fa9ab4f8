// Builds that meet each other, and what a build leaves that was killed, or could not put back what it had written.

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { describe, it } from 'node:test';
import { appserveBuild, built, everythingIn, isThere, siteWith, textIn, type Ran } from '../../support/building.ts';
import { faultOf, faultsOf } from '../../support/faults.ts';
import type { TemporaryFolder } from '../../support/temporary.ts';

const WORK = '.appserve-build';

function note(name: string, text: string): string[] {
  return [`[${name}]`, 'recipe = @appserve/loader#template', `output = ${name}.txt`, `inline = ${text}`];
}

function notes(texts: Readonly<Record<string, string>>): string[] {
  return [
    '[buildout]',
    `parts = ${Object.keys(texts).join(' ')}`,
    ...Object.entries(texts).flatMap(([name, text]) => note(name, text)),
  ];
}

function rewrite({ path }: TemporaryFolder, lines: readonly string[]): void {
  writeFileSync(`${path}/buildout.cfg`, `${lines.join('\n')}\n`);
}

/** Of a process of this machine, unless it says otherwise. */
function holder(over: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    token: 'feed',
    pid: process.ppid,
    started: startOf(process.ppid),
    host: hostname(),
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    namespace: readlinkSync('/proc/self/ns/pid'),
    ...over,
  });
}

function startOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!;
}

const NOBODY = 2 ** 30;

function heldBy(over: Readonly<Record<string, unknown>>): Record<string, string> {
  return { [`${WORK}/owner/holder.json`]: holder(over) };
}

describe('a folder that is built in', { skip: existsSync('/proc/self/stat') ? false : 'there is no /proc' }, () => {
  for (const [what, over] of [
    ['by another process', {}],
    ['in another container', { pid: NOBODY, namespace: 'pid:[1]' }],
    ['on another machine', { pid: NOBODY, host: 'elsewhere', boot: 'another' }],
  ] as const) {
    it(`${what} is left alone`, async () => {
      using folder = siteWith(notes({ a: 'a' }), heldBy(over));
      const before = everythingIn(folder);
      const { code, hint } = await faultOf(built(folder));
      assert.equal(code, 'BUILD_RUNNING');
      assert.match(hint!, new RegExp(`remove ${folder.path}/${WORK}/owner:`));
      assert.equal((await faultOf(built(folder, { isDry: true }))).code, 'BUILD_RUNNING');
      assert.deepEqual(everythingIn(folder), before);
      rmSync(`${folder.path}/${WORK}/owner`, { recursive: true });
      await built(folder);
      assert.ok(!isThere(folder, WORK));
    });
  }

  for (const [what, over] of [
    ['is gone', { pid: NOBODY }],
    ['has the number of another one now', { started: '1' }],
    ['has our number', { pid: process.pid }],
    ['ran before the machine was started anew', { boot: 'another' }],
  ] as const) {
    it(`by a process that ${what} is taken over`, async () => {
      using folder = siteWith(notes({ a: 'a' }), heldBy(over));
      await built(folder);
      assert.deepEqual([textIn(folder, 'a.txt'), isThere(folder, WORK)], ['a\n', false]);
    });
  }

  it('by an heir is his', async () => {
    using folder = siteWith(notes({ a: 'a' }), {
      ...heldBy({ pid: NOBODY }),
      [`${WORK}/heir-of-feed/holder.json`]: holder({ token: 'beef' }),
    });
    assert.match((await faultOf(built(folder))).hint!, /heir-of-feed:/);
  });

  it('by somebody whose name was lost with the power is taken over, also from an heir', async () => {
    using folder = siteWith(notes({ a: 'a' }), {
      [`${WORK}/owner/holder.json`]: '',
      [`${WORK}/heir-of-owner/holder.json`]: '',
    });
    await built(folder);
    assert.deepEqual([textIn(folder, 'a.txt'), isThere(folder, WORK)], ['a\n', false]);
  });

  it('in this process is left alone too', async () => {
    using folder = siteWith(notes({ a: 'a' }));
    const both = await Promise.allSettled([built(folder), built(folder)]);
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    await built(folder);
  });
});

/** Sleeps in front of each step that others could come in between. */
const SLOW = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const cell = new Int32Array(new SharedArrayBuffer(4));
for (const name of ['mkdirSync', 'writeFileSync', 'renameSync', 'rmSync']) {
  const real = fs[name];
  fs[name] = (path, ...args) => {
    if (String(path).includes('.appserve-build')) Atomics.wait(cell, 0, 0, Math.floor(Math.random() * 60));
    return real(path, ...args);
  };
}
syncBuiltinESMExports();
`;

/** Says when it is at work, in a folder of its own: two of them are not at work at once. */
const ALONE = `
import { mkdirSync, rmdirSync } from 'node:fs';
export async function alone(part) {
  const flag = part.path('at-work');
  mkdirSync(flag);
  await new Promise((resolve) => setTimeout(resolve, 50));
  rmdirSync(flag);
  return {};
}
`;

describe('several builds that find a folder whose owner is gone', { timeout: 240_000 }, () => {
  it('do not work at once', async () => {
    using folder = siteWith(['[buildout]', 'parts = a', '[a]', 'recipe = ./alone.js#alone'], {
      'slow.mjs': SLOW,
      'alone.js': ALONE,
    });
    const nodeArgs = ['--import', `${folder.path}/slow.mjs`];
    for (let round = 0; round < 3; round += 1) {
      mkdirSync(`${folder.path}/${WORK}/owner`, { recursive: true });
      writeFileSync(`${folder.path}/${WORK}/owner/holder.json`, holder({ pid: NOBODY }));
      const all: Ran[] = await Promise.all([1, 2, 3].map(async () => appserveBuild(folder, [], { nodeArgs })));
      assert.ok(
        all.some(({ code }) => code === 0),
        all.map(({ stderr }) => stderr).join('\n'),
      );
      for (const { code, stderr } of all) if (code !== 0) assert.match(stderr, /^appserve: process \d+ is building here$/m);
      assert.deepEqual(
        readdirSync(folder.path).filter((name) => name.startsWith(WORK)),
        [],
      );
    }
  });
});

/** Kills the process when all is written and the journal is still there. */
const AT_THE_END = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const real = fs.unlinkSync;
fs.unlinkSync = (path) => (path.endsWith('journal.json') ? process.kill(process.pid, 'SIGKILL') : real(path));
syncBuiltinESMExports();
`;

/** Of a site that was built before: `same`, `changed` and `gone` were there. */
async function killed(): Promise<TemporaryFolder> {
  const folder = siteWith(notes({ same: 'same', changed: 'old', gone: 'gone' }), { 'killer.mjs': AT_THE_END });
  await built(folder);
  rewrite(folder, notes({ same: 'same', changed: 'new', fresh: 'fresh' }));
  const { signal } = await appserveBuild(folder, [], { nodeArgs: ['--import', `${folder.path}/killer.mjs`] });
  assert.equal(signal, 'SIGKILL');
  assert.deepEqual([textIn(folder, 'changed.txt'), isThere(folder, 'gone.txt')], ['new\n', false]);
  return folder;
}

describe('what a killed build has left', () => {
  it('is put back, but for what somebody has changed since', async () => {
    using folder = await killed();
    writeFileSync(`${folder.path}/changed.txt`, 'mine\n');
    writeFileSync(`${folder.path}/fresh.txt`, 'mine too\n');
    const { stderr, code } = await appserveBuild(folder);
    assert.equal(code, 2);
    for (const file of ['changed.txt', 'fresh.txt'])
      assert.match(stderr, new RegExp(`^appserve: ${file} (?:was changed since it was generated|is there already)`, 'm'));
    assert.deepEqual(
      ['changed.txt', 'fresh.txt', 'gone.txt'].map((file) => textIn(folder, file)),
      ['mine\n', 'mine too\n', 'gone\n'],
    );
    assert.ok(!isThere(folder, WORK));
  });

  it('is told where it is written over all the same', async () => {
    using folder = await killed();
    writeFileSync(`${folder.path}/changed.txt`, 'mine\n');
    const { warnings } = await built(folder, { isForced: true });
    assert.deepEqual(warnings, [`${folder.path}/changed.txt was changed after a build had been broken off`]);
    assert.equal(textIn(folder, 'changed.txt'), 'new\n');
  });

  it('is nothing to look at: --check says so', async () => {
    using folder = await killed();
    const { stderr, code } = await appserveBuild(folder, ['--check']);
    assert.equal(code, 2);
    assert.match(stderr, /^appserve: a build was broken off, and has left .*\.appserve-build$/m);
    assert.equal((await appserveBuild(folder)).code, 0);
    assert.equal((await appserveBuild(folder, ['--check'])).code, 0);
  });

  it('is said with a way out where its journal is broken', async () => {
    using folder = await killed();
    writeFileSync(`${folder.path}/${WORK}/journal.json`, '{');
    const { code, hint } = await faultOf(built(folder));
    assert.equal(code, 'JOURNAL_INVALID');
    assert.match(hint!, new RegExp(`^remove ${folder.path}/${WORK}: `));
    rmSync(`${folder.path}/${WORK}`, { recursive: true });
    await built(folder, { isForced: true });
    assert.equal(textIn(folder, 'fresh.txt'), 'fresh\n');
  });

  it('is said where what stood there is gone; the rest is put back', async () => {
    using folder = await killed();
    const work = `${folder.path}/${WORK}`;
    const journal = JSON.parse(readFileSync(`${work}/journal.json`, 'utf8')) as { files: { path: string; kept: string }[] };
    unlinkSync(`${work}/${journal.files.find(({ path }) => path.endsWith('changed.txt'))!.kept}`);
    const { code, message } = await faultOf(built(folder));
    assert.equal(code, 'UNDO_FAILED');
    assert.match(message, /^cannot put back .*changed\.txt: what stood there was kept as .*old-\d, which is gone$/);
    assert.deepEqual([isThere(folder, 'fresh.txt'), textIn(folder, 'gone.txt')], [false, 'gone\n']);
    assert.ok(isThere(folder, `${WORK}/journal.json`));
  });
});

describe('a build that cannot write', () => {
  for (const [what, put] of [
    ['since a link leads nowhere', (path: string) => symlinkSync('/nowhere/at/all', path)],
    ['since a file stands where a folder shall be', (path: string) => writeFileSync(path, 'mine\n')],
  ] as const) {
    it(`${what} says so, and is no trouble for the next one`, async () => {
      using folder = siteWith([
        '[buildout]',
        'parts = a',
        '[a]',
        'recipe = @appserve/loader#mkdir',
        'paths = parts/a',
        ...note('b', 'b'),
      ]);
      put(`${folder.path}/parts`);
      const before = everythingIn(folder);
      for (const _ of [1, 2]) {
        const [fault] = await faultsOf(built(folder));
        assert.deepEqual([fault!.code, fault!.message.includes(`${folder.path}/parts: `)], ['WRITE_FAILED', true]);
      }
      assert.deepEqual(everythingIn(folder), before);
      rmSync(`${folder.path}/parts`);
      await built(folder);
      assert.ok(isThere(folder, 'parts/a'));
    });
  }

  it('since a file stands above one of its files says so', async () => {
    using folder = siteWith(
      ['[buildout]', 'parts = b', '[b]', 'recipe = @appserve/loader#template', 'output = a/b.txt', 'inline = b'],
      {
        a: 'mine\n',
      },
    );
    assert.match((await faultOf(built(folder))).message, /\/a: it is no folder$/);
  });
});
