// What strangers send: random bytes, and records that are nearly right. Seeded, so that a failure comes again.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FASTCGI_LIMITS, FastcgiConnection } from '@appserve/core/fastcgi';
import * as fc from 'fast-check';
import { byteByByte } from '../../support/cuts.ts';
import { FastcgiWire, type FastcgiSettings } from '../../support/fastcgi-conversation.ts';
import { beginRequest, pairs, record, stream } from '../../support/fastcgi-wire.ts';

const SEED = 1_996;

const id = fc.constantFrom(0, 1, 1, 1, 2, 300);
const type = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 11 }) }, { weight: 1, arbitrary: fc.nat(255) });
const role = fc.constantFrom(1, 1, 1, 2, 3, 9);
const variables = fc
  .dictionary(
    fc.constantFrom('A', 'HTTP_HOST', 'HTTP_X', 'CONTENT_LENGTH', 'PATH_INFO', 'REQUEST_URI'),
    fc.string({ maxLength: 9 }),
  )
  .map((more) => pairs({ REQUEST_METHOD: 'POST', ...more }));
const content = fc.oneof(fc.uint8Array({ maxLength: 60 }), variables);

const anyRecord = fc
  .tuple(type, id, content, fc.constantFrom(0, 0, 3, 255), fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 1, 2))
  .map(([ofType, ofId, bytes, paddingBytes, version]) => record(ofType, ofId, bytes, { paddingBytes, version }));
const anyBegin = fc.tuple(id, role, fc.boolean()).map(([ofId, ofRole, keep]) => beginRequest(ofId, ofRole, keep));
const anyParams = fc
  .tuple(id, variables, fc.integer({ min: 1, max: 70 }))
  .map(([ofId, bytes, size]) => stream(4, ofId, bytes, size));
const anyBody = fc.tuple(fc.constantFrom(5, 8), id, content).map(([ofType, ofId, bytes]) => stream(ofType, ofId, bytes));

interface Edit {
  readonly where: number;
  readonly byte: number;
}

const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.record({ where: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }),
  {
    maxLength: 2,
  },
);

/** Records in any order, with a byte or two that are others. */
const input = fc
  .tuple(fc.array(fc.oneof(anyBegin, anyParams, anyBody, anyRecord), { minLength: 1, maxLength: 8 }), edits)
  .map(([records, changes]) => {
    const bytes = Buffer.concat(records);
    for (const { where, byte } of changes) bytes[Math.floor(where * (bytes.length - 1))] = byte;
    return bytes;
  });

const settings: fc.Arbitrary<FastcgiSettings> = fc.record({
  role: fc.constantFrom('responder', 'authorizer', 'filter'),
  answersAt: fc.constantFrom('request', 'end', 'never'),
  isMultiplexed: fc.boolean(),
  requestsMax: fc.constantFrom(1, 2, 100),
  paramsBytesMax: fc.constantFrom(40, 10_000),
  bodyBytesMax: fc.constantFrom(20, 10_000),
});

function said(pieces: readonly Uint8Array[], limits: FastcgiSettings): { heard: readonly string[]; sent: readonly string[] } {
  const wire = new FastcgiWire(limits);
  for (const piece of pieces) wire.receive(piece);
  wire.endSending();
  return { heard: wire.heard, sent: wire.sent };
}

describe('whatever a web server sends', () => {
  it('becomes events, and never an exception or a loop; what is answered is whole records', () => {
    fc.assert(
      fc.property(input, settings, (bytes, limits) => {
        const { sent } = said([bytes], limits);
        assert.ok(!sent.some((line) => line.startsWith('and ')), 'whole records');
      }),
      { seed: SEED, numRuns: 3_000 },
    );
  });

  it('is the same however it is cut', () => {
    const wheres = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(input, settings, wheres, (bytes, limits, cutAt) => {
        const whole = said([bytes], limits);
        const ends = cutAt.map((where) => Math.round(where * bytes.length)).toSorted((a, b) => a - b);
        const pieces = [...ends, bytes.length].map((to, index) => bytes.subarray(ends[index - 1] ?? 0, to));
        assert.deepEqual(said(pieces, limits), whole);
        assert.deepEqual(said(byteByByte(bytes), limits), whole, 'byte by byte');
      }),
      { seed: SEED, numRuns: 1_500 },
    );
  });

  it('ends every request that it begins, once, and speaks of no other', () => {
    fc.assert(
      fc.property(input, settings, (bytes, limits) => {
        const { heard, sent } = said([bytes], { ...limits, answersAt: 'request' });
        const begun = new Map<string, number>();
        for (const line of heard) {
          const [, ofId] = /^begin (\d+)$/.exec(line) ?? [];
          if (ofId !== undefined) begun.set(ofId, (begun.get(ofId) ?? 0) + 1);
        }
        const complete = sent.flatMap((line) => /^endRequest (\d+) \d complete$/.exec(line)?.[1] ?? []);
        for (const ofId of complete) begun.set(ofId, (begun.get(ofId) ?? 0) - 1);
        assert.ok(
          [...begun.values()].every((left) => left === 0 || left === 1),
          'at most the last of an id is still under way',
        );
      }),
      { seed: SEED, numRuns: 1_500 },
    );
  });

  it('allocates nothing because of a length that it announces', () => {
    const bomb = Buffer.concat([beginRequest(1), record(4, 1, '\xff\xff\xff\xff\xff\xff\xff\xff')]);
    const { sent } = said([bomb], {});
    assert.match(sent[0]!, /431/);
  });
});

describe('the variables of a request', () => {
  // Few names, so that the same ones come again with other values, in other orders, and more than once.
  const name = fc.constantFrom('A', 'AB', 'REMOTE_PORT', 'REMOTE_PART', 'HTTP_X', 'HTTP_Y', 'SERVER_NAME', 'N'.repeat(70));
  const value = fc.oneof(
    fc.constantFrom('', 'x', 'xyz', '12345', '12346'),
    fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 300 }),
  );
  const variables = fc.array(fc.tuple(name, value), { maxLength: 12 });

  it('are those that were sent, whatever was sent before, and however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(variables, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 99 }),
        (all, long, cut) => {
          const engine = new FastcgiConnection(FASTCGI_LIMITS);
          for (const sent of all) {
            const flat = [['REQUEST_METHOD', 'GET'] as const, ...sent];
            const bytes = Buffer.concat(flat.map(([key, text]) => pairs({ [key]: text }, long)));
            const read = readBy(engine, Buffer.concat([beginRequest(1), stream(4, 1, bytes, cut)]), cut);
            assert.deepEqual(read, flat);
          }
        },
      ),
      { seed: SEED, numRuns: 1_000 },
    );
  });

  function readBy(engine: FastcgiConnection, bytes: Buffer, cut: number): unknown {
    const lent = Buffer.alloc(4_096);
    for (let at = 0; at < bytes.length; at += 7 * cut) {
      const part = bytes.subarray(at, at + 7 * cut);
      lent.set(part);
      engine.receive(lent, part.length);
      for (let event = engine.next(); event.type !== 'need-data'; event = engine.next()) {
        if (event.type !== 'request') continue;
        engine.aborted(event.request);
        engine.output.take();
        return event.request.head!.variables.map((variable) => [variable.name, variable.value]);
      }
      engine.keep();
      lent.fill(0x58);
    }
    return undefined;
  }
});
