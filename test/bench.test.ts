// The benchmarks themselves: what they compare is comparable, and they print what they promise. Figures are not judged here: a test
// runs beside others, on a machine that does more than measure.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { GATEWAY, GATEWAY_CLOSING, NODE_HTTP } from '../bench/contenders.ts';
import { Contestant, type Contender } from '../bench/contestant.ts';
import { Command } from './support/command.ts';
import { inRepository } from './support/repository.ts';
import { temporaryFolder } from './support/temporary.ts';

const TIMEOUT = { timeout: 60_000 };
const MAIN = inRepository('build/bench/main.js');

interface Results {
  readonly results: {
    readonly hello: readonly [
      {
        readonly rows: readonly { readonly name: string; readonly cpuUsPerRequest: number }[];
        readonly verdicts: readonly { readonly of: string; readonly over: string; readonly ratio: number }[];
      },
    ];
  };
}

describe('npm run bench', TIMEOUT, () => {
  it('prints what a request costs here and elsewhere, and writes it as JSON', async () => {
    using folder = temporaryFolder();
    const file = `${folder.path}/results.json`;
    await using command = Command.node([MAIN, '--rounds', '1', '--seconds', '1', '--json', file], { lifetimeMs: 40_000 });
    assert.deepEqual(await command.ending(), { code: 0, signal: null }, command.stderr);
    assert.match(command.stdout, /^ {2}gateway +[0-9.]+ us/m);
    assert.match(command.stdout, /^ {2}gateway is [0-9.]+x node:http; the bar is 0\.75x: /m);
    const [{ rows, verdicts }] = (JSON.parse(readFileSync(file, 'utf8')) as Results).results.hello;
    assert.deepEqual(
      rows.map(({ name, cpuUsPerRequest }) => [name, cpuUsPerRequest > 0]),
      [
        ['gateway', true],
        ['node:http', true],
        ['net', true],
      ],
    );
    assert.equal(verdicts[0]!.ratio, rows[0]!.cpuUsPerRequest / rows[1]!.cpuUsPerRequest);
  });

  const REFUSED: readonly (readonly [string, string])[] = [
    ['helo', 'there is no suite helo; there are hello, http, typescript\n'],
    ['--rounds=0', '--rounds 0: must be a whole number >= 1\n'],
    ['--seconds=0.5', '--seconds 0.5: must be a whole number >= 1\n'],
  ];
  for (const [argument, said] of REFUSED) {
    it(`refuses ${argument}`, async () => {
      await using command = Command.node([MAIN, argument]);
      assert.deepEqual(await command.ending(), { code: 2, signal: null });
      assert.equal(command.stderr, said);
    });
  }
});

interface Asked {
  readonly path: string;
  readonly method?: string;
  readonly body?: string;
}

const QUESTIONS: readonly Asked[] = [
  { path: '/' },
  { path: '/post', method: 'POST', body: 'x'.repeat(1_024) },
  { path: '/mib' },
  { path: '/file', method: 'HEAD' },
  { path: '/nowhere' },
];

/** What the load generator gets for its trouble. */
async function answersOf(contender: Contender): Promise<readonly unknown[]> {
  await using contestant = await Contestant.start(contender);
  const answers = [];
  for (const { path, method = 'GET', body } of QUESTIONS) {
    const asked = body === undefined ? { method } : { method, body };
    const answer = await fetch(`http://127.0.0.1:${contestant.port}${path}`, asked);
    const { length } = await answer.text();
    answers.push([path, answer.status, length, answer.headers.get('content-length'), answer.headers.get('x-app')]);
  }
  return answers;
}

describe('those that are compared', TIMEOUT, () => {
  it('answer alike', async () => {
    const [ours, closing, peer] = await Promise.all([GATEWAY, GATEWAY_CLOSING, NODE_HTTP].map(answersOf));
    assert.deepEqual(ours, closing);
    assert.deepEqual(ours, peer);
  });

  it('say so when they do not start', async () => {
    await assert.rejects(
      Contestant.start({ name: 'nobody', program: 'nobody' }),
      /^Error: nobody did not start: it ended with code 1$/,
    );
  });
});
