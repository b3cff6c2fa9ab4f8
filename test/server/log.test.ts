// What the server says about itself, and what it makes of the bytes of strangers.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Logger, type Level, type LogRecord } from '@appserve/server';
import { describeError, formatRecord } from '@appserve/server/machines';

const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error'];

/** The record of one message, at half past ten in the evening, local time. */
function record(message: string, level: Level = 'info'): LogRecord {
  return { level, epochMs: new Date(2_026, 10, 20, 22, 30, 1, 7).getTime(), thread: 'worker-1', message };
}

describe('a logger', () => {
  for (const [index, least] of LEVELS.entries()) {
    it(`writes ${LEVELS.slice(index).join(', ')} where the level is ${least}`, () => {
      const written: Level[] = [];
      const log = new Logger('main', least, ({ level }) => written.push(level));
      for (const level of LEVELS) log[level]('text');
      assert.deepEqual(written, LEVELS.slice(index));
    });
  }

  it('says who spoke, and when', () => {
    const written: LogRecord[] = [];
    const beforeMs = Date.now();
    new Logger('worker-7', 'info', (entry) => written.push(entry)).warn('text');
    const { epochMs, ...rest } = written[0]!;
    assert.deepEqual(rest, { level: 'warn', thread: 'worker-7', message: 'text' });
    assert.ok(epochMs >= beforeMs && epochMs <= Date.now());
  });
});

describe('a line of the log', () => {
  it('looks as Python would have it, in local time', () => {
    assert.equal(formatRecord(record('ready')), '2026-11-20 22:30:01,007 INFO  [appserve][worker-1] ready\n');
  });

  it('keeps its columns whatever the level is', () => {
    const columns = LEVELS.map((level) => formatRecord(record('x', level)).indexOf('['));
    assert.deepEqual(columns, [30, 30, 30, 30]);
  });

  const HOSTILE: readonly (readonly [what: string, message: string, shown: string])[] = [
    ['a forged line', 'a\n2026-11-20 22:30:01,007 INFO  [appserve][main] all is well', 'a\\x0a2026-11-20'],
    ['a carriage return that would hide what stands before it', 'secret\rharmless', 'secret\\x0dharmless'],
    ['a terminal command', '\u001b[2J', '\\x1b[2J'],
    ['a terminal command of one byte', '\u009b2J', '\\x9b2J'],
    ['NUL, tab and DEL', '\0\t\u007f', '\\x00\\x09\\x7f'],
    ['a line end at the very end', 'a\n', 'a\\x0a\n'],
  ];
  for (const [what, message, shown] of HOSTILE) {
    it(`shows ${what} as text`, () => {
      const line = formatRecord(record(message));
      assert.ok(line.includes(shown), line);
      assert.equal(line.indexOf('\n'), line.length - 1, 'one line');
    });
  }

  it('leaves letters of all scripts alone', () => {
    assert.ok(formatRecord(record('Grüße, 你好, привет')).endsWith('] Grüße, 你好, привет\n'));
  });
});

describe('an error in the log', () => {
  it('is its stack, each line indented behind the first', () => {
    const lines = formatRecord(record(describeError(new Error('broken'))))
      .trimEnd()
      .split('\n');
    assert.match(lines[0]!, /\] Error: broken$/);
    assert.ok(lines.length > 2 && lines.slice(1).every((line) => /^ +at /.test(line)), lines.join('\n'));
  });

  it('brings its causes', () => {
    const error = new Error('outer', { cause: new TypeError('inner', { cause: 'innermost' }) });
    assert.match(describeError(error), /^Error: outer\n.*\n +\[cause\]: TypeError: inner\n.*\n +\[cause\]: 'innermost'\n/s);
  });

  it('indents a message of several lines too, so that none of them looks like a record', () => {
    const text = formatRecord(record(describeError(new Error('first\nsecond'))));
    assert.match(text, /Error: first\n {2}second\n/);
  });

  it('may be its own cause', () => {
    const error = new Error('circular');
    error.cause = error;
    assert.match(describeError(error), /Error: circular\n/);
  });

  const THROWN: readonly (readonly [thrown: unknown, shown: string])[] = [
    ['text', "'text'"],
    ['two\nlines', "'two\\nlines'"],
    [undefined, 'undefined'],
    [null, 'null'],
    [7, '7'],
    [Symbol('sign'), 'Symbol(sign)'],
    [Object.create(null), '[Object: null prototype] {}'],
  ];
  for (const [thrown, shown] of THROWN) {
    it(`may be no error at all: ${shown}`, () => {
      assert.equal(describeError(thrown), shown);
    });
  }
});
