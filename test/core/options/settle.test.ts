// Layers of raw values become one settled value for each option, and all that is wrong is said at once.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault, FaultList, MASK, type Place } from '@appserve/core';
import {
  count,
  list,
  objectLayer,
  option,
  optional,
  others,
  required,
  seconds,
  settle,
  text,
  type Entry,
  type Layer,
  type Options,
} from '@appserve/core/options';

const OPTIONS = {
  workers: option(count({ min: 1 }), '2', 'Threads.'),
  idle_timeout: option(seconds(), '60', 'How long to wait.'),
  name: optional(text(), 'A name.'),
} as const satisfies Options;

const NEEDY = { workers: option(count({ min: 1 }), required, 'Threads.') } as const satisfies Options;

function at(line: number): Place {
  return { file: 'a.ini', line, column: 1 };
}

function layer(name: string, values: Readonly<Record<string, unknown>>, line?: number): Layer {
  const place = line === undefined ? undefined : at(line);
  return { name, entries: Object.entries(values).map(([key, raw]): Entry => ({ written: key, key, raw, at: place })) };
}

/** The faults that settling raises, in order. */
function faultsOf(settling: () => unknown): readonly Fault[] {
  try {
    settling();
  } catch (error) {
    if (error instanceof Fault) return [error];
    if (error instanceof FaultList) return error.faults;
    throw error;
  }
  return [];
}

describe('settled values', () => {
  it('are the fallbacks when no layer says anything', () => {
    assert.deepEqual(settle(OPTIONS, []).values, { workers: 2, idleTimeoutMs: 60_000, name: undefined });
  });

  it('have every option, also those without a value', () => {
    assert.deepEqual(Object.keys(settle(OPTIONS, []).values), ['workers', 'idleTimeoutMs', 'name']);
  });

  it('are those of the last layer that has one', () => {
    const layers = [layer('one', { workers: '3', name: 'a' }), layer('two', { workers: '4' })];
    const { workers, name } = settle(OPTIONS, layers).values;
    assert.deepEqual([workers, name], [4, 'a']);
  });

  it('are those of the last line of a layer', () => {
    const entries = ['3', '4'].map((raw) => ({ written: 'workers', key: 'workers', raw }));
    assert.equal(settle(OPTIONS, [{ name: 'one', entries }]).values.workers, 4);
  });

  it('pass over a layer that leaves an option undefined', () => {
    const layers = [layer('one', { workers: '3' }), layer('two', { workers: undefined })];
    assert.equal(settle(OPTIONS, layers).values.workers, 3);
  });

  it('may be false, zero or empty without being overlooked', () => {
    const options = { backlog: option(count(), '5', 'How many.') };
    assert.equal(settle(options, [layer('one', { backlog: 0 })]).values.backlog, 0);
  });

  it('do not change any more', () => {
    const { values, origins } = settle(OPTIONS, []);
    assert.ok(Object.isFrozen(values) && Object.isFrozen(origins));
  });
});

describe('an origin', () => {
  it('is the default where no layer has a value', () => {
    assert.deepEqual(settle(OPTIONS, []).origins.workers, { layer: 'default', at: undefined });
  });

  it('is the layer and the place of the value that won', () => {
    const { origins } = settle(OPTIONS, [layer('a.ini', { workers: '3' }, 7), layer('command line', { name: 'b' })]);
    assert.deepEqual(origins.workers, { layer: 'a.ini', at: at(7) });
    assert.deepEqual(origins.name, { layer: 'command line', at: undefined });
  });
});

describe('settling', () => {
  it('refuses a value with its name, the value and what is allowed', () => {
    const [fault] = faultsOf(() => settle(OPTIONS, [layer('a.ini', { workers: 'many' }, 7)]));
    assert.equal(fault?.code, 'OPTION_INVALID');
    assert.equal(fault.message, 'workers = many: must be a whole number >= 1');
    assert.deepEqual(fault.at, at(7));
  });

  it('names an option as it was written', () => {
    const entries = [{ written: '--idle-timeout', key: 'idle_timeout', raw: 'soon' }];
    const [fault] = faultsOf(() => settle(OPTIONS, [{ name: 'command line', entries }]));
    assert.match(fault!.message, /^--idle-timeout soon: must be a time /);
  });

  it('names a value that is no text as JSON', () => {
    const [fault] = faultsOf(() => settle(OPTIONS, [layer('serve()', { workers: [1] })]));
    assert.match(fault!.message, /^workers = \[1\]: /);
  });

  it('names the layer where there is no place', () => {
    const [fault] = faultsOf(() => settle(OPTIONS, [layer('command line', { workers: 'many' })]));
    assert.deepEqual(fault?.askedBy, ['command line']);
  });

  it('names what led to a layer', () => {
    const asked = { ...layer('a.ini', { workers: 'many' }, 7), askedBy: ['[server:main] a.ini:5:1'] };
    const [fault] = faultsOf(() => settle(OPTIONS, [asked]));
    assert.deepEqual(fault?.askedBy, ['[server:main] a.ini:5:1']);
  });

  it('refuses a name that no option has, and says which one may be meant', () => {
    const [fault] = faultsOf(() => settle(OPTIONS, [layer('a.ini', { wokers: '1' }, 7)]));
    assert.equal(fault?.code, 'OPTION_UNKNOWN');
    assert.equal(fault.message, 'unknown option wokers');
    assert.equal(fault.hint, 'did you mean workers?');
  });

  it('has no guess for a name that is like none', () => {
    const [fault] = faultsOf(() => settle(OPTIONS, [layer('a.ini', { certificate: '1' })]));
    assert.equal(fault?.hint, undefined);
  });

  it('does not take what every object has for an option', () => {
    for (const key of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      const entries = [{ written: key, key, raw: '1' }];
      const [fault] = faultsOf(() => settle(OPTIONS, [{ name: 'a.ini', entries }]));
      assert.equal(fault?.code, 'OPTION_UNKNOWN', key);
    }
  });

  it('shows no word of a value that nobody shall see', () => {
    const options = {
      names: option(
        list('one of a', 'A', (word) => word === 'a'),
        'a',
        'Names.',
      ),
    } as const satisfies Options;
    const told = (isSecret: boolean): string | undefined => {
      const entries: Entry[] = [{ written: 'names', key: 'names', raw: 'a b', isSecret }];
      return faultsOf(() => settle(options, [{ name: 'a.ini', entries }]))[0]?.message;
    };
    assert.equal(told(false), 'names = a b: must be one of a: b is none');
    assert.equal(told(true), `names = ${MASK}: must be one of a`);
  });

  it('misses an option that must be there, where it should stand', () => {
    const [fault] = faultsOf(() => settle(NEEDY, [], { at: at(5), askedBy: ['b.ini'] }));
    assert.equal(fault?.code, 'OPTION_REQUIRED');
    assert.equal(fault.message, 'workers is required: a whole number >= 1');
    assert.deepEqual([fault.at, fault.askedBy], [at(5), ['b.ini']]);
  });

  it('has no complaint when what must be there is there', () => {
    assert.equal(settle(NEEDY, [layer('a.ini', { workers: '1' })]).values.workers, 1);
  });

  it('says all that is wrong at once', () => {
    const options = { ...OPTIONS, ...NEEDY };
    const faults = faultsOf(() => settle(options, [layer('a.ini', { idle_timeout: 'soon', name: '', nmae: 'x' })]));
    assert.deepEqual(
      faults.map(({ code }) => code),
      ['OPTION_UNKNOWN', 'OPTION_REQUIRED', 'OPTION_INVALID', 'OPTION_INVALID'],
    );
  });

  it('does not complain of a value that a later layer replaces', () => {
    const layers = [layer('a.ini', { workers: 'many' }), layer('command line', { workers: '3' })];
    assert.equal(settle(OPTIONS, layers).values.workers, 3);
  });

  it('holds a fallback to its own kind', () => {
    const options = { workers: option(count({ min: 1 }), '0', 'Threads.') };
    const [fault] = faultsOf(() => settle(options, []));
    assert.equal(fault?.message, 'workers = 0: must be a whole number >= 1');
  });

  it('names any value, whatever it is', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    for (const raw of [10n, circle, Symbol('x'), () => 1, Object.create(null)]) {
      const [fault] = faultsOf(() => settle(OPTIONS, [layer('serve()', { workers: raw })]));
      assert.equal(fault?.code, 'OPTION_INVALID', typeof raw);
    }
  });

  it('names a number that JSON does not know', () => {
    for (const raw of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const [fault] = faultsOf(() => settle(OPTIONS, [layer('serve()', { workers: raw })]));
      assert.match(fault!.message, new RegExp(`^workers = ${raw}: `));
    }
  });
});

describe('a layer from TypeScript', () => {
  it('knows options by their names there, unit last', () => {
    const given = objectLayer('serve()', OPTIONS, { idleTimeoutMs: 500, workers: '3' });
    assert.deepEqual(settle(OPTIONS, [given]).values, { workers: 3, idleTimeoutMs: 500, name: undefined });
  });

  it('keeps the names as they were written', () => {
    const given = objectLayer('serve()', OPTIONS, { idleTimeoutMs: -1 });
    const [fault] = faultsOf(() => settle(OPTIONS, [given]));
    assert.match(fault!.message, /^idleTimeoutMs = -1: /);
  });

  it('takes a text as an ini file would say it', () => {
    assert.equal(settle(OPTIONS, [objectLayer('serve()', OPTIONS, { idleTimeoutMs: '2m' })]).values.idleTimeoutMs, 120_000);
  });

  it('may leave options out, or undefined', () => {
    assert.equal(settle(OPTIONS, [objectLayer('serve()', OPTIONS, { workers: undefined })]).values.workers, 2);
  });

  it('is refused with names that no option has', () => {
    const [fault] = faultsOf(() => settle(OPTIONS, [objectLayer('serve()', OPTIONS, { certificate: 'x' })]));
    assert.equal(fault?.code, 'OPTION_UNKNOWN');
  });

  it('does not take the names of an ini file', () => {
    const [fault] = faultsOf(() => settle(OPTIONS, [objectLayer('serve()', OPTIONS, { idle_timeout: 500 })]));
    assert.equal(fault?.code, 'OPTION_UNKNOWN');
  });

  it('is told of names that can be written there', () => {
    const [fault] = faultsOf(() => settle(OPTIONS, [objectLayer('serve()', OPTIONS, { idleTimeoutMS: 500 })]));
    assert.equal(fault?.hint, 'did you mean idleTimeoutMs?');
  });
});

describe('a table that takes other keys', () => {
  const OPEN = {
    workers: option(count({ min: 1 }), '2', 'Threads.'),
    '*': others(count(), '/PATH', 'A weight.', (key) => key === '*' || key.startsWith('/')),
  } as const satisfies Options;

  it('has them as pairs, in their order', () => {
    const given = layer('a.ini', { '/b': '2', workers: '3', '/a': '1' });
    const { values } = settle(OPEN, [given]);
    assert.deepEqual(values, {
      workers: 3,
      others: [
        ['/b', 2],
        ['/a', 1],
      ],
    });
    assert.ok(Object.isFrozen(values.others));
  });

  it('has none where there are none', () => {
    assert.deepEqual(settle(OPEN, []).values.others, []);
  });

  it('lets the last layer say what a key is', () => {
    const layers = [layer('one', { '/a': '1', '/b': '2' }), layer('two', { '/a': '3' })];
    assert.deepEqual(settle(OPEN, layers).values.others, [
      ['/a', 3],
      ['/b', 2],
    ]);
  });

  it('takes an asterisk, and what objects inherit, as keys like any other', () => {
    const given: Layer = { name: 'a.ini', entries: ['*', '/constructor'].map((key) => ({ written: key, key, raw: '1' })) };
    assert.deepEqual(settle(OPEN, [given]).values.others, [
      ['*', 1],
      ['/constructor', 1],
    ]);
  });

  it('refuses a key that is none, and thinks of its rows', () => {
    const [fault] = faultsOf(() => settle(OPEN, [layer('a.ini', { worker: '1' }, 3)]));
    assert.deepEqual([fault?.code, fault?.hint, fault?.at?.line], ['OPTION_UNKNOWN', 'did you mean workers?', 3]);
  });

  it('refuses a value at its key', () => {
    const [fault] = faultsOf(() => settle(OPEN, [layer('a.ini', { '/a': 'x' }, 3)]));
    assert.deepEqual([fault?.message, fault?.at?.line], ['/a = x: must be a whole number', 3]);
  });
});
