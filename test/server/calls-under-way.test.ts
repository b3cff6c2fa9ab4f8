// The calls of the app that have not come back, by age.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CallsUnderWay, type Aged } from '@appserve/server/machines';

class Call implements Aged<Call> {
  older: Call | undefined;
  newer: Call | undefined;
  isUnderWay = false;
}

function three(): { calls: CallsUnderWay<Call>; first: Call; second: Call; third: Call } {
  const calls = new CallsUnderWay<Call>();
  const [first, second, third] = [new Call(), new Call(), new Call()];
  assert.deepEqual(
    [first, second, third].map((call) => calls.add(call)),
    [true, false, false],
  );
  return { calls, first, second, third };
}

describe('calls under way', () => {
  it('are none at first', () => {
    assert.equal(new CallsUnderWay<Call>().oldest, undefined);
  });

  it('know their oldest, whoever ends first', () => {
    const { calls, first, second, third } = three();
    assert.equal(calls.delete(second), false);
    assert.equal(calls.oldest, first);
    assert.equal(calls.delete(first), true);
    assert.equal(calls.oldest, third);
    assert.equal(calls.delete(third), true);
    assert.equal(calls.oldest, undefined);
  });

  it('do not mind one that is not there', () => {
    const { calls, first } = three();
    assert.equal(calls.delete(new Call()), false);
    calls.delete(first);
    assert.equal(calls.delete(first), false);
  });

  it('take a new one when the newest has gone, and when all have', () => {
    const { calls, first, second, third } = three();
    calls.delete(third);
    calls.add(third);
    for (const call of [first, second]) calls.delete(call);
    assert.equal(calls.oldest, third);
    calls.delete(third);
    assert.equal(calls.add(first), true);
    assert.equal(calls.oldest, first);
  });
});
