// Reading takes time in proportion to the file, whatever is in it. The limit is several times what these files need; where time
// grows with the square of a length, they need several times the limit.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultsOf } from '../support/faults.ts';
import { confOf } from '../support/ini-file.ts';

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
