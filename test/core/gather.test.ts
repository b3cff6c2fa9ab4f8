// Several independent steps: their results, or all that is wrong with them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault, FaultList, Faults, gather } from '@appserve/core';

function missing(name: string, line?: number, file = 'site.ini'): Fault {
  const at = line === undefined ? undefined : { file, line, column: 1 };
  return new Fault('GLOBAL_MISSING', { name, nearest: undefined }, { at });
}

/** A step that fails. */
function failing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

/** What an act throws. */
function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

describe('gather', () => {
  it('gives the result of each step, in their order', () => {
    assert.deepEqual(gather([() => 1, () => undefined, () => 3]), [1, undefined, 3]);
    assert.deepEqual(gather([]), []);
  });

  it('throws the one fault as it is', () => {
    const fault = missing('a');
    assert.equal(
      thrown(() => gather([() => 1, failing(fault)])),
      fault,
    );
  });

  it('throws all faults together, in their order, those of lists too', () => {
    const [a, b, c, d] = [missing('a'), missing('b'), missing('c'), missing('d')];
    const error = thrown(() => gather([failing(a), failing(new FaultList([b, c])), () => 1, failing(d)]));
    assert.ok(error instanceof FaultList);
    assert.deepEqual(error.faults, [a, b, c, d]);
  });

  it('does every step, whatever the others do', () => {
    const done: number[] = [];
    thrown(() => gather([failing(missing('a')), () => done.push(1), failing(missing('b')), () => done.push(2)]));
    assert.deepEqual(done, [1, 2]);
  });

  it('throws one mistake once, whoever meets it', () => {
    const error = thrown(() => gather([failing(missing('a', 1)), failing(new FaultList([missing('a', 1), missing('a', 1)]))]));
    assert.ok(error instanceof Fault);
  });

  for (const [what, other] of [
    ['another line', missing('a', 2)],
    ['another file', missing('a', 1, 'other.ini')],
    ['other words', missing('b', 1)],
    ['no place', missing('a')],
    ['another code', new Fault('NEXT_MISSING', { section: 'a' }, { at: { file: 'site.ini', line: 1, column: 1 } })],
  ] as const) {
    it(`tells two mistakes apart by ${what}`, () => {
      const error = thrown(() => gather([failing(missing('a', 1)), failing(other)]));
      assert.ok(error instanceof FaultList && error.faults.length === 2);
    });
  }

  it('lets what is no fault through at once', () => {
    const done: number[] = [];
    const mistake = new TypeError('a mistake of ours');
    assert.equal(
      thrown(() => gather([failing(missing('a')), failing(mistake), () => done.push(1)])),
      mistake,
    );
    assert.deepEqual(done, []);
  });
});

describe('Faults', () => {
  it('gives what a step gives, and nothing where it fails', () => {
    const faults = new Faults();
    assert.deepEqual([faults.catch(() => 1), faults.catch(failing(missing('a')))], [1, undefined]);
    assert.equal((thrown(() => faults.end()) as Fault).code, 'GLOBAL_MISSING');
  });

  it('ends in peace when nothing was wrong', () => new Faults().end());

  it('takes faults that were caught elsewhere', () => {
    const faults = new Faults();
    faults.add(missing('a'));
    faults.add(new FaultList([missing('b'), missing('a')]));
    assert.equal((thrown(() => faults.end()) as FaultList).faults.length, 2);
    assert.throws(() => faults.add(new RangeError('no fault')), RangeError);
  });
});
