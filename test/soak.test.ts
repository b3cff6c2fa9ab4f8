// The soak itself, for some seconds: that it serves, reloads and counts, and that it says so when something fails.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { slopePerSecond } from '../bench/soak/tally.ts';
import { Command } from './support/command.ts';
import { inRepository } from './support/repository.ts';

const SOAK = inRepository('build/bench/soak.js');

describe('npm run soak', { timeout: 240_000 }, () => {
  it(
    'asks in every way while it reloads, and tells what came of it',
    { skip: process.platform !== 'linux' && 'there is no /proc' },
    async () => {
      await using command = Command.node([SOAK, '--minutes', '0.15', '--reload-every', '3']);
      const { code } = await command.ending();
      assert.match(command.stdout, /^[1-9] reloads, 0 failed requests$/m);
      for (const kind of ['gateway', 'fetch', 'node'])
        for (const what of ['GET', 'POST', 'left', 'slowly'])
          assert.match(command.stdout, new RegExp(`^${kind}: ${what} +[1-9]`, 'm'));
      assert.match(command.stdout, /^WebSocket: message +[1-9]/m);
      // So short a run tells nothing of memory.
      const others = command.stdout.split('\n').filter((line) => line.startsWith('  ') && !/ {2}\d+ s|grow/.test(line));
      assert.deepEqual(others, []);
      assert.equal(command.stderr, '');
      assert.ok(code === 0 || /^ {2}memory grows/m.test(command.stdout), command.stdout);
    },
  );

  it('refuses a time that is none', async () => {
    await using command = Command.node([SOAK, '--minutes', 'soon']);
    assert.deepEqual(await command.ending(), { code: 2, signal: null });
    assert.equal(command.stderr, '--minutes soon: must be a number above 0\n');
  });
});

describe('the line through samples', () => {
  it('rises by so much a second', () => {
    assert.equal(
      slopePerSecond([
        [0, 10],
        [1_000, 12],
        [2_000, 14],
      ]),
      2,
    );
    assert.equal(slopePerSecond([[5, 7]]), 0);
  });
});
