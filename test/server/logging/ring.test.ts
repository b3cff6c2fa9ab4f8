// The memory between those who speak and the log thread: in order, whole, and counted where there was no room.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { LineRing, Outlet, RecordRing, Relay, Ring } from '@appserve/server/machines';

const CAPACITY = 256;

function memory(capacity = CAPACITY): SharedArrayBuffer {
  return new SharedArrayBuffer(Ring.bytesFor(capacity));
}

type Step = { readonly put: string } | { readonly take: number };

function steps(text: fc.Arbitrary<string>): fc.Arbitrary<readonly Step[]> {
  const step = fc.oneof(fc.record({ put: text }), fc.record({ take: fc.nat(5) }));
  return fc.array(step, { maxLength: 200 });
}

const PROPERTY = { seed: 20_261_121, numRuns: 300 };

function takesRecords(all: readonly Step[]): void {
  const shared = memory();
  const [writer, reader] = [new RecordRing(shared), new RecordRing(shared)];
  const kept: string[] = [];
  const taken: string[] = [];
  let lost = 0;
  const take = (atMost: number): void => {
    let count = 0;
    reader.take(
      (one) => {
        count += 1;
        taken.push(one);
      },
      () => count < atMost,
    );
  };
  for (const step of all) {
    if ('take' in step) take(step.take);
    else if (writer.put(step.put)) kept.push(Buffer.from(step.put).toString());
    else lost += 1;
  }
  take(Number.POSITIVE_INFINITY);
  assert.deepEqual(taken, kept);
  assert.equal(reader.lost, lost);
  assert.ok(reader.isEmpty);
}

describe('a ring of records', () => {
  it('gives what was put, in order, and counts what had no room', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.string({ maxLength: 40 }));
    fc.assert(fc.property(steps(text), takesRecords), PROPERTY);
  });

  it('gives nothing twice, whatever becomes of its reader', () => {
    const ring = new RecordRing(memory());
    for (const text of ['good', 'bad', 'good again']) ring.put(text);
    const taken: string[] = [];
    const take = (): number =>
      ring.take((text) => {
        if (text === 'bad') throw new Error('the reader dies of it');
        taken.push(text);
      });
    assert.throws(take, /the reader dies of it/);
    take();
    assert.deepEqual(taken, ['good', 'good again']);
  });

  it('takes no text that is longer than an eighth of it', () => {
    const ring = new RecordRing(memory());
    assert.equal(ring.put('x'.repeat(ring.longest)), true);
    assert.equal(ring.put('x'.repeat(ring.longest + 1)), false);
    assert.equal(ring.lost, 1);
  });
});

function takesLines(all: readonly Step[]): void {
  const shared = memory();
  const [writer, reader] = [new LineRing(shared), new LineRing(shared)];
  let kept = '';
  let taken = '';
  const take = (): boolean => {
    const piece = reader.next.toString('latin1');
    assert.ok(piece === '' || piece.endsWith('\n'), 'whole lines');
    reader.drop(piece.length);
    taken += piece;
    return piece !== '';
  };
  for (const step of all) {
    if ('take' in step) take();
    else if (writer.put(step.put)) kept += step.put;
  }
  while (take());
  assert.equal(taken, kept);
}

describe('a ring of lines', () => {
  it('gives whole lines in order, never one in two pieces', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'b', '"', ' '), maxLength: 90 }).map((text) => `${text}\n`);
    fc.assert(fc.property(steps(line), takesLines), PROPERTY);
  });

  it('has room for so much, and counts the rest', () => {
    const ring = new LineRing(memory());
    const line = `${'x'.repeat(99)}\n`;
    assert.deepEqual(
      [1, 2, 3].map(() => ring.put(line)),
      [true, true, false],
    );
    assert.equal(ring.lost, 1);
  });
});

function moves(texts: readonly string[]): void {
  const from = { records: memory(), lines: memory() };
  const to = { records: memory(1_024), lines: memory(1_024) };
  const relay = new Relay(from, to, () => undefined);
  const process = new Outlet(from, { filled: () => undefined });
  const records = new RecordRing(to.records);
  const lines = new LineRing(to.lines);
  const taken: string[] = [];
  let written = '';
  const drain = (): void => {
    records.take((text) => void taken.push(text));
    for (let next = lines.next; next.length > 0; next = lines.next) {
      written += next.toString('latin1');
      lines.drop(next.length);
    }
  };
  for (const text of texts) {
    process.record(text);
    process.line(`${text}\n`);
    relay.end();
    drain();
  }
  assert.deepEqual(taken, texts);
  assert.equal(written, texts.map((text) => `${text}\n`).join(''));
}

describe('a relay', () => {
  it('moves what a process has said, and what it has lost, and waits where there is no room', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 10 });
    fc.assert(fc.property(fc.array(text, { maxLength: 60 }), moves), PROPERTY);
  });
});

describe('an outlet', () => {
  it('cuts a record that is too long, and says so', () => {
    const shared = memory(1_024);
    const outlet = new Outlet({ records: shared, lines: undefined }, { filled: () => undefined });
    outlet.record(JSON.stringify({ level: 30, time: 1, name: 'shop', msg: 'é'.repeat(5_000), more: 'x'.repeat(5_000) }));
    const taken: string[] = [];
    new RecordRing(shared).take((text) => void taken.push(text));
    const { name, msg, more } = JSON.parse(taken[0]!) as Record<string, string | undefined>;
    assert.equal(name, 'shop');
    assert.match(msg!, /^é+ \.\.\. \(a record of \d+ characters was cut\)$/);
    assert.equal(more, undefined);
  });
});
