// Records of apps on their way to a handler: whatever an app has logged is told, and nothing of it is taken for what the log itself says.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { LoggerTree, rendererOf, type FormatterConfig, type LogEvent } from '@appserve/core/log';
import { decodeRecord } from '@appserve/server/machines';

const SPEAKER = { thread: 'worker-1', threadId: 1, pid: 7, startMs: 0 };
const TIME = Date.UTC(2_026, 10, 20, 22, 48, 1);

/** As pino writes it: the logger's own first, then what the app has brought, also where that bears the same names. */
function line(fields: object, message?: unknown): string {
  const brought = JSON.stringify({ ...fields, ...(message !== undefined && { msg: message }) }).slice(1);
  return `{"level":30,"time":${TIME},"name":"shop.cart"${brought === '}' ? '' : ','}${brought}\n`;
}

const FORMATS: readonly FormatterConfig[] = [
  { type: 'text' },
  { type: 'pretty' },
  { type: 'json' },
  {
    type: 'pattern',
    format:
      '%(asctime)s %(levelname)-5.5s [%(name)s:%(lineno)d] %(message)r %(requestId)20s %(user)d %(err)s %(created)f %(time)s %(funcName)s %(module)s',
  },
  {
    type: 'pattern',
    style: '{',
    format: '{asctime:>30} {levelno:05d} {name!r:^20} {message:.5} {user:,} {level} {msecs:.3f} {caller}',
  },
  { type: 'pattern', style: '$', format: '$asctime $name $message $user ${requestId} $error $fields' },
];

const RENDERERS = FORMATS.map((format) => rendererOf(format).render);

function told(event: LogEvent): readonly string[] {
  const tree = new LoggerTree();
  tree.handlersOf(event.name);
  return RENDERERS.map((render) => render(event));
}

function textOf(fields: object, message = 'm'): string {
  return rendererOf({ type: 'text' })
    .render(decodeRecord(line(fields, message), SPEAKER))
    .replace(/^.{24}/, '');
}

function jsonOf(fields: object): Readonly<Record<string, unknown>> {
  const text = rendererOf({ type: 'json' }).render(decodeRecord(line(fields, 'm'), SPEAKER));
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}

describe('a record of an app', () => {
  const CASES: readonly (readonly [fields: object, told: string])[] = [
    [{ name: 5 }, 'm name=5'],
    [{ name: null }, 'm name=null'],
    [{ name: {} }, 'm name={}'],
    [{ name: 'Bob' }, 'm name="Bob"'],
    [{ level: 'x' }, 'm level="x"'],
    [{ level: 10 }, 'm level=10'],
    [{ time: 'x' }, 'm time="x"'],
    [{ time: 1e300 }, 'm time=1e+300'],
    [{ err: null }, 'm err=null'],
    [{ err: 'a text' }, 'm err="a text"'],
    [{ err: { code: 5 } }, 'm err={"code":5}'],
    [{ err: { stack: {} } }, 'm err={"stack":{}}'],
    [{ err: { message: 7 } }, 'm err={"message":7}'],
    [{ err: { type: 'Error', message: 'broken' } }, 'm\n  Error: broken'],
    [{ err: { type: 'Error', message: 'broken', stack: 'Error: broken\n    at x' } }, 'm\n  Error: broken\n    at x'],
    [{ requestId: 7 }, 'm requestId=7'],
    [{ requestId: 'a-1' }, 'm (a-1)'],
    [{ caller: 'Bob' }, 'm caller="Bob"'],
  ];
  for (const [fields, expected] of CASES) {
    it(`is told as it is: ${JSON.stringify(fields)}`, () => {
      assert.equal(textOf(fields), `INFO  [shop.cart][worker-1] ${expected}\n`);
    });
  }

  it('takes no place of the log’s own in JSON', () => {
    const { level, time, name, fields, user } = jsonOf({ name: 'Bob', level: 'x', time: null, fields: 1, user: 'ann' });
    assert.deepEqual({ level, time, name, user }, { level: 30, time: TIME, name: 'shop.cart', user: 'ann' });
    assert.deepEqual(fields, { name: 'Bob', level: 'x', time: null, fields: 1 });
  });

  it('has its error in JSON as pino has it', () => {
    const err = { type: 'Error', message: 'broken', stack: 'Error: broken\n    at x', code: 'E' };
    assert.deepEqual(jsonOf({ err })['err'], err);
  });

  it('may be written by a child with formatters of its own', () => {
    const { level, name, message, fields } = decodeRecord('{"level":"warn","time":"today","name":7,"msg":"m"}', SPEAKER);
    assert.deepEqual({ level, name, message, fields }, { level: 30, name: '', message: 'm', fields: { time: 'today', name: 7 } });
  });

  const HOSTILE = 'a\n  b\u001b[2J\u009b2J\u2028\u007f';
  const FORGED = { user: HOSTILE, [HOSTILE]: 1, requestId: HOSTILE, err: { code: HOSTILE }, caller: HOSTILE, name: HOSTILE };
  for (const [index, { type, style = '' }] of FORMATS.entries()) {
    it(`forges no line by its fields: ${type} ${style}`, () => {
      const text = RENDERERS[index]!(decodeRecord(line(FORGED, 'm').replace('shop.cart', String.raw`shop\n\u009b`), SPEAKER));
      const coloursOff = text.replaceAll(/\u001b\[[0-9]+m/g, '').slice(0, -1);
      // oxlint-disable-next-line no-control-regex -- these are what is looked for
      assert.doesNotMatch(coloursOff, /[\x00-\x1f\x7f-\x9f\u2028\u2029]/);
    });
  }

  const KEY = fc.oneof(
    fc.constantFrom(
      'level',
      'time',
      'name',
      'msg',
      'err',
      'requestId',
      'caller',
      'user',
      'fields',
      'error',
      '__proto__',
      'stack',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const ERROR = fc.dictionary(fc.constantFrom('type', 'message', 'stack', 'path', 'line', 'func'), fc.jsonValue({ maxDepth: 1 }));
  const FIELDS = fc.dictionary(KEY, fc.oneof(fc.jsonValue({ maxDepth: 2 }), ERROR));

  it('can always be told, in every format', () => {
    fc.assert(
      fc.property(FIELDS, fc.option(fc.jsonValue(), { nil: undefined }), (fields, message) => {
        const event = decodeRecord(line(fields, message), SPEAKER);
        assert.deepEqual([event.name, event.level, event.epochMs], ['shop.cart', 20, TIME]);
        for (const text of told(event)) assert.match(text, /\n$/);
      }),
      { seed: 20_261_121, numRuns: 400 },
    );
  });

  it('can always be told, also where it is no line of pino’s', () => {
    const any = fc.oneof(
      FIELDS.map((fields) => JSON.stringify(fields)),
      fc.json(),
      fc.string(),
    );
    fc.assert(
      fc.property(any, (json) => {
        for (const text of told(decodeRecord(json, SPEAKER))) assert.match(text, /\n$/);
      }),
      { seed: 20_261_121, numRuns: 400 },
    );
  });
});
