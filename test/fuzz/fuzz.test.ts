// What reads from outside, tried with its corpus, and with some hundreds that are nearly that: the same ones each time.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from '../support/command.ts';
import { inRepository } from '../support/repository.ts';
import { Fuzzer } from './fuzzer.ts';
import { dice, mutated } from './mutations.ts';
import { TARGETS } from './targets.ts';

const TIMEOUT = { timeout: 240_000 };
const SEED = 7;
const COUNT = 300;

describe('whatever comes from outside is read or refused', TIMEOUT, () => {
  for (const [name, { reads }] of Object.entries(TARGETS))
    it(reads, async () => {
      const fuzzer = new Fuzzer(name);
      assert.ok(fuzzer.corpus.length >= 3, 'examples');
      for (const [file, bytes] of fuzzer.corpus) assert.equal((await fuzzer.attempt(bytes))?.error, undefined, file);
      for (let nth = 0; nth < COUNT; nth += 1)
        assert.equal((await fuzzer.attemptNth(SEED, nth))?.error, undefined, `number ${nth}`);
    });
});

const EXAMPLES = [Buffer.from('abcdefgh'), Buffer.from('12345678')];

function row(seed: number): string[] {
  return Array.from({ length: 50 }, (_, nth) => mutated(EXAMPLES, [Buffer.from('!')], seed, nth).toString('latin1'));
}

describe('mutations', () => {
  it('are the same for the same seed, and others for another', () => {
    assert.deepEqual(row(1), row(1));
    assert.notDeepEqual(row(1), row(2));
    assert.ok(new Set(row(1)).size > 40, 'they differ among each other');
  });

  it('are thrown with fair dice', () => {
    const throwDice = dice(3);
    const counts = Array.from({ length: 6 }, () => 0);
    for (let time = 0; time < 6_000; time += 1) counts[throwDice(6)]! += 1;
    assert.ok(Math.min(...counts) > 850 && Math.max(...counts) < 1_150, counts.join());
  });
});

async function run(...args: readonly string[]): Promise<Command> {
  const command = Command.node([inRepository('build/test/fuzz/main.js'), ...args]);
  await command.ending();
  return command;
}

describe('npm run fuzz', TIMEOUT, () => {
  it('tells what was tried', async () => {
    await using command = await run('uri', 'http1', '--minutes', '0.03', '--seed', '5');
    assert.match(command.stdout, /^seed 5\nuri +[1-9][0-9]* tried: names of configurations\nhttp1 +[1-9][0-9]* tried: /);
    assert.equal(command.stderr, '');
  });

  it('refuses what it does not know', async () => {
    await using command = await run('http3');
    assert.match(command.stderr, /^there is no target http3; there are http1, fastcgi, /);
  });
});
