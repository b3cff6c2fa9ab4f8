// Errors as plain data: they cross a thread wall and are themselves again on the other side.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault, FaultList, fromErrorRecord, toErrorRecord } from '@appserve/core';

/** As it arrives in another thread. */
function across(error: unknown): Error {
  return fromErrorRecord(structuredClone(toErrorRecord(error)));
}

describe('across a thread wall', () => {
  it('a fault stays what it was: code, words, details, place, next step', () => {
    const fault = new Fault(
      'OPTION_UNKNOWN',
      { key: 'wokers', nearest: 'workers' },
      { at: { file: 'a.ini', line: 3, column: 1, length: 6, text: 'wokers = 1' }, askedBy: ['[server:main] a.ini:1:1'] },
    );
    const arrived = across(fault);
    assert.ok(arrived instanceof Fault);
    assert.deepEqual(
      [arrived.code, arrived.message, arrived.details, arrived.at, arrived.askedBy, arrived.hint, arrived.blame],
      [fault.code, fault.message, fault.details, fault.at, fault.askedBy, fault.hint, fault.blame],
    );
  });

  it('a fault without a cause has none there either', () => {
    assert.equal('cause' in across(new Fault('HOST_MISSING', {})), false);
  });

  it('an error keeps its name, its message and its stack', () => {
    const error = new RangeError('too far');
    const arrived = across(error);
    assert.deepEqual([arrived.name, arrived.message, arrived.stack], ['RangeError', 'too far', error.stack]);
  });

  it('causes come along, however deep, and whatever they are', () => {
    const deepest = new TypeError('deepest');
    const middle = new Fault('MODULE_FAILED', { module: 'a.js', message: 'deepest' }, { cause: deepest });
    const arrived = across(new Error('outermost', { cause: middle }));
    assert.ok(arrived.cause instanceof Fault);
    assert.equal(arrived.cause.code, 'MODULE_FAILED');
    assert.ok(arrived.cause.cause instanceof Error);
    assert.equal(arrived.cause.cause.stack, deepest.stack);
  });

  it('an AggregateError keeps what it gathers', () => {
    const arrived = across(new AggregateError([new Error('one'), new Fault('HOST_MISSING', {})], 'all')) as AggregateError;
    assert.deepEqual(
      arrived.errors.map((error: Error) => error.name),
      ['Error', 'Fault'],
    );
  });

  it('an object that was thrown is told as JSON', () => assert.equal(across({ code: 5 }).message, '{"code":5}'));

  it('a list of faults stays a list', () => {
    const list = new FaultList([
      new Fault('HOST_MISSING', {}),
      new Fault('APP_FAILED', { message: 'x' }, { cause: new Error('y') }),
    ]);
    const arrived = across(list);
    assert.ok(arrived instanceof FaultList);
    assert.equal(arrived.message, list.message);
    assert.deepEqual(
      arrived.faults.map(({ code }) => code),
      ['HOST_MISSING', 'APP_FAILED'],
    );
    assert.equal((arrived.faults[1]!.cause as Error).message, 'y');
  });

  it('a list of faults may be a cause', () => {
    const arrived = across(new Error('x', { cause: new FaultList([new Fault('HOST_MISSING', {})]) }));
    assert.ok(arrived.cause instanceof FaultList);
  });

  for (const thrown of ['text', 42, undefined, null, false, Symbol('x'), ['a', 'b']]) {
    it(`what was thrown but is no error becomes one: ${String(thrown)}`, () => {
      const arrived = across(thrown);
      assert.deepEqual([arrived.name, arrived.message], ['Error', String(thrown)]);
      assert.match(arrived.stack!, /^thrown: /);
    });
  }

  it('a cause that is no error becomes one', () => {
    assert.equal((across(new Error('x', { cause: 'because' })).cause as Error).message, 'because');
  });

  it('an error without a stack has a line instead', () => {
    const error = new Error('x');
    delete error.stack;
    assert.equal(across(error).stack, 'Error: x');
  });

  it('an error that is its own cause arrives', () => {
    const circle = new Error('round and round');
    circle.cause = circle;
    assert.equal(across(circle).message, 'round and round');
  });

  it('an object without a prototype arrives', () => {
    assert.ok(across(Object.create(null)) instanceof Error);
  });

  it('an error whose message and stack are no text arrives', () => {
    const odd = Object.assign(new Error('x'), { message: () => 'x', stack: [() => 'x'] });
    assert.equal(typeof across(odd).message, 'string');
  });
});
