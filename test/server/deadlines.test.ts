// What a connection waits for, and how long.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deadlineOf, nextLookOf, overdue, type Timeouts, type Waiting } from '@appserve/server/machines';

const TIMEOUTS: Timeouts = {
  headTimeoutMs: 10,
  bodyTimeoutMs: 200,
  keepaliveTimeoutMs: 3_000,
  sendTimeoutMs: 40_000,
  minBodyRateBytes: 0,
};
const NEVER = Number.POSITIVE_INFINITY;

/** A connection on which something began at 1 s. */
function waiting(changes: Partial<Waiting>): Waiting {
  const nothing = {
    isLast: false,
    isHalfClosed: false,
    isNew: false,
    isBodyAwaited: true,
    bodyWaitedMs: 0,
    bodyBytes: 0,
    unsentSinceMs: undefined,
  };
  return { phase: 'idle', sinceMs: 1_000, ...nothing, ...changes };
}

describe('the deadline of a connection', () => {
  it('is head_timeout before its first request', () => {
    assert.equal(deadlineOf(waiting({ phase: 'idle', isNew: true }), TIMEOUTS), 1_010);
  });

  it('is keepalive_timeout between two requests', () => {
    assert.equal(deadlineOf(waiting({ phase: 'idle' }), TIMEOUTS), 4_000);
  });

  it('is head_timeout in a head, of the first request and of later ones', () => {
    assert.equal(deadlineOf(waiting({ phase: 'head', isNew: true }), TIMEOUTS), 1_010);
    assert.equal(deadlineOf(waiting({ phase: 'head' }), TIMEOUTS), 1_010);
  });

  it('is a second at most in a head that has begun when the server stops', () => {
    const patient = { ...TIMEOUTS, headTimeoutMs: 30_000 };
    assert.equal(deadlineOf(waiting({ phase: 'head', isLast: true }), patient), 2_000);
    assert.equal(deadlineOf(waiting({ phase: 'head', isLast: true }), TIMEOUTS), 1_010);
  });

  it('is none while the app works, but 10 s of our silence when the client has closed its side', () => {
    assert.equal(deadlineOf(waiting({ phase: 'answer' }), TIMEOUTS), NEVER);
    assert.equal(deadlineOf(waiting({ phase: 'answer', isHalfClosed: true }), TIMEOUTS), 11_000);
    assert.equal(overdue(waiting({ phase: 'answer', isHalfClosed: true })), 'cut');
  });

  it('is body_timeout in a body', () => {
    assert.equal(deadlineOf(waiting({ phase: 'body' }), TIMEOUTS), 1_200);
  });

  it('is none in a body that the app lets wait', () => {
    assert.equal(deadlineOf(waiting({ phase: 'body', isBodyAwaited: false }), TIMEOUTS), NEVER);
  });

  it('is body_timeout and the time that its bytes have bought in a body, where there is a least rate', () => {
    const dripping = waiting({ phase: 'body', sinceMs: 9_000, bodyWaitedMs: 5_100, bodyBytes: 500 });
    assert.equal(deadlineOf(dripping, { ...TIMEOUTS, minBodyRateBytes: 100 }), 9_000 + 200 + 5_000 - 5_100);
  });

  it('is still body_timeout after the last byte in a body that is fast enough', () => {
    const fast = waiting({ phase: 'body', sinceMs: 9_000, bodyWaitedMs: 8_000, bodyBytes: 1_000_000 });
    assert.equal(deadlineOf(fast, { ...TIMEOUTS, minBodyRateBytes: 100 }), 9_200);
  });

  it('is none while the app works: it may take its time', () => {
    assert.equal(deadlineOf(waiting({ phase: 'answer' }), TIMEOUTS), NEVER);
  });

  it('is two seconds after our last word', () => {
    assert.equal(deadlineOf(waiting({ phase: 'closing' }), TIMEOUTS), 3_000);
  });

  for (const phase of ['idle', 'head', 'body', 'answer', 'closing'] as const) {
    it(`is send_timeout in ${phase} while the client takes nothing`, () => {
      assert.equal(deadlineOf(waiting({ phase, unsentSinceMs: 2_000 }), TIMEOUTS), 42_000);
    });
  }
});

describe('the next look at a connection', () => {
  it('is its deadline', () => {
    assert.equal(nextLookOf(waiting({ phase: 'idle' }), TIMEOUTS, 1_500), 4_000);
  });

  it('is a second away while the client has not taken all of our output', () => {
    assert.equal(nextLookOf(waiting({ unsentSinceMs: 1_000 }), TIMEOUTS, 1_500), 2_500);
  });
});

describe('a deadline that has passed', () => {
  it('closes an idle connection without a word', () => {
    assert.equal(overdue(waiting({ phase: 'idle' })), 'close');
    assert.equal(overdue(waiting({ phase: 'idle', isNew: true })), 'close');
  });

  it('is answered with a 408 where a request has begun', () => {
    assert.equal(overdue(waiting({ phase: 'head' })), 'late-head');
    assert.equal(overdue(waiting({ phase: 'body' })), 'late-body');
  });

  it('cuts a connection that lingers', () => {
    assert.equal(overdue(waiting({ phase: 'closing' })), 'cut');
  });

  for (const phase of ['idle', 'head', 'body', 'answer', 'closing'] as const) {
    it(`cuts in ${phase} a client that takes nothing: it would not take a 408 either`, () => {
      assert.equal(overdue(waiting({ phase, unsentSinceMs: 0 })), 'cut');
    });
  }
});
