// What is remembered of the variables of a web server: how much at most, and that it says nothing but what was sent.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FASTCGI_LIMITS, FastcgiConnection } from '@appserve/core/fastcgi';
import { beginRequest, pairs, record, stream, TYPE } from '../../support/fastcgi-wire.ts';
import { heldBytes } from '../../support/memory.ts';

const MIB = 2 ** 20;

/** Sends a GET with these variables besides, and gives what the app would see of them. */
function sending(): (variables: Readonly<Record<string, string>>) => Record<string, string> {
  const engine = new FastcgiConnection(FASTCGI_LIMITS);
  return (variables) => {
    const params = stream(TYPE.params, 1, pairs({ REQUEST_METHOD: 'GET', ...variables }));
    engine.receive(Buffer.concat([beginRequest(1), params, record(TYPE.stdin, 1)]));
    const seen: Record<string, string> = {};
    for (let event = engine.next(); event.type !== 'need-data'; event = engine.next()) {
      if (event.type !== 'request') continue;
      for (const { name, value } of event.request.head!.variables) seen[name] = value;
      engine.aborted(event.request);
    }
    engine.keep();
    engine.output.take();
    return seen;
  };
}

/** All of one length, of one middle and of one end: they share a place, and any client can choose more of them. */
function nameOf(index: number, letter = 'A'): string {
  return `HTTP_X${String(index).padStart(9, '0')}${letter.repeat(24)}`;
}

const LONG = 'B'.repeat(80);
const VALUE = 'v'.repeat(250);

/** Each with a letter of its own: another place. */
const HABITS: readonly { readonly what: string; readonly variables: (round: number) => Record<string, string> }[] = [
  {
    what: 'names that share a place, each behind the one before',
    variables: (round) => ({ [nameOf(round)]: VALUE, [nameOf(round + 1)]: VALUE }),
  },
  {
    what: 'names that share a place, many in a request',
    variables: (round) =>
      Object.fromEntries(Array.from({ length: 10 }, (_, index) => [nameOf(9 * round + index, 'C'), VALUE] as const)),
  },
  {
    what: 'names between those that are too long to be remembered',
    variables: (round) => ({
      [nameOf(round, 'D')]: VALUE,
      [`${nameOf(round, 'D')}${LONG}`]: VALUE,
      [nameOf(round + 1, 'D')]: VALUE,
    }),
  },
];

describe('what is remembered of the variables of a web server', { timeout: 240_000 }, () => {
  for (const { what, variables } of HABITS) {
    it(`does not grow with ${what}`, () => {
      const send = sending();
      for (let round = 0; round < 100; round += 1) send(variables(round));
      const before = heldBytes();
      for (let round = 100; round < 10_100; round += 1) send(variables(round));
      const grownMiB = (heldBytes() - before) / MIB;
      assert.ok(grownMiB < 3, `${grownMiB.toFixed(1)} MiB more`);
    });
  }

  it('is what was sent, also where names take the place of others', () => {
    const send = sending();
    for (let round = 0; round < 300; round += 1) {
      // Three that share two places, in another order each time, and their values seldom the same.
      const names = [0, 1, 2].map((index) => nameOf((round * index) % 5));
      const sent = Object.fromEntries(names.map((name, index) => [name, String((round + index) % 7)] as const));
      assert.deepEqual(send({ ...sent, SCRIPT_NAME: '' }), { REQUEST_METHOD: 'GET', ...sent, SCRIPT_NAME: '' });
    }
  });
});
