// What apps answer and should not, each by the real server: what reaches the wire, and what becomes of the connection.
// test/cases/smuggling_cases.json tells where each of them comes from and why.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Environ, FetchFunction, GatewayApp, StartResponse } from '@appserve/core/app';
import { get } from '../support/apps.ts';
import { startTestServer } from '../support/http-server.ts';
import { smugglingCases, type SmugglingCase } from '../support/smuggling-cases.ts';

const cases = smugglingCases.filter(({ kind }) => kind === 'response');

/** What an app says: a status, field lines as pairs, and its body in pieces; or it fails behind them. */
interface Answer {
  readonly status?: string;
  readonly fields?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
  readonly fails?: boolean;
  /** Early hints in front of it. */
  readonly hints?: readonly (readonly [name: string, value: string])[];
}

/** How to read the `raw` of a row, and what comes of it. */
interface Reading {
  readonly answer: (entry: SmugglingCase) => Answer;
  /** All that the client gets. */
  readonly wire: string;
  /** Of a body that comes in pieces, where that is different. */
  readonly streamed?: string;
  /** Of a fetch app, where that is different; nothing where such an app cannot say it. */
  readonly fetched?: string | undefined;
  /** The one error in the log; without it there is none. */
  readonly log?: RegExp;
}

/** The whole row is one field line: whatever stands behind its first colon is the value. */
function field({ raw, name, value }: SmugglingCase): Answer {
  const at = raw.indexOf(': ');
  return { fields: [[name ?? raw.slice(0, at), value ?? raw.slice(at + 2)]] };
}

/** The row is field lines. */
function fields({ raw }: SmugglingCase): Answer {
  return { fields: raw.split('\r\n').map((line) => line.split(': ') as [string, string]) };
}

/** The row is a status, behind the version. */
function status({ raw }: SmugglingCase): Answer {
  return { status: raw.slice('HTTP/1.1 '.length) };
}

/** The row is a message, perhaps without its status line. */
function message({ raw }: SmugglingCase): Answer {
  const [head = '', body = ''] = raw.split('\r\n\r\n');
  const lines = head.split('\r\n');
  const first = lines[0]!.startsWith('HTTP/1.1 ') ? lines.shift()!.slice('HTTP/1.1 '.length) : '200 OK';
  return { status: first, body, fields: lines.map((line) => line.split(': ') as [string, string]) };
}

/** Not a byte of the answer. */
const REFUSED =
  'HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 26\r\n' +
  'Connection: close\r\n\r\n500 Internal Server Error\n';
/** The next request on the connection is answered: both sides agree on where the answer has ended. */
const NEXT_ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnext';

const INVALID_FIELD = /the app failed: Fault: invalid response field /;
const INVALID_STATUS = /the app failed: Fault: invalid response status /;
const FORBIDDEN = /the app failed: Fault: the app may not send Transfer-Encoding/;

const refusedField: Reading = { answer: field, wire: REFUSED, log: INVALID_FIELD };
const refusedFields: Reading = { ...refusedField, answer: fields };
const refusedStatus: Reading = { answer: status, wire: REFUSED, log: INVALID_STATUS };

const READINGS: Readonly<Record<string, Reading>> = {
  'rs-crlf-value': refusedField,
  'rs-cr-value': refusedField,
  'rs-lf-value': refusedField,
  'rs-nul-value': refusedField,
  'rs-u010d': refusedField,
  'rs-u560d': refusedField,
  'rs-nonlatin': refusedField,
  'rs-name-crlf': refusedField,
  'rs-name-space': refusedField,
  'rs-name-bracket': refusedField,
  'rs-name-colon': refusedField,
  'rs-name-empty': refusedField,
  'rs-status-crlf': refusedStatus,
  'rs-status-range': refusedStatus,
  'rs-status-nan': refusedStatus,
  // What a fetch app passes on of another server's answer may name a coding: it is dropped there, and never sent.
  'rs-te-by-app': {
    answer: fields,
    wire: REFUSED,
    fetched: `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n${NEXT_ANSWER}`,
    log: FORBIDDEN,
  },
  'rs-cl-and-te': {
    answer: (entry) => ({ ...fields(entry), body: 'hello' }),
    wire: REFUSED,
    fetched: `HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello${NEXT_ANSWER}`,
    log: FORBIDDEN,
  },
  'rs-cl-dup': refusedFields,
  'rs-cl-bad': refusedFields,
  'rs-connection-by-app': {
    answer: (entry) => ({ ...fields(entry), body: 'x' }),
    wire: `HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx${NEXT_ANSWER}`,
    streamed: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n${NEXT_ANSWER}`,
  },
  'rs-cl-too-long-body': {
    answer: message,
    wire: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    log: /the body is longer than its Content-Length of 5; the connection is closed/,
  },
  'rs-cl-too-short-body': {
    answer: message,
    wire: 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello',
    log: /the body ended after 5 of 10 bytes; the connection is closed/,
  },
  'rs-204-body': { answer: message, wire: `HTTP/1.1 204 No Content\r\n\r\n${NEXT_ANSWER}` },
  'rs-304-body': { answer: message, wire: `HTTP/1.1 304 Not Modified\r\n\r\n${NEXT_ANSWER}` },
  'rs-head-body': { answer: message, wire: `HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n${NEXT_ANSWER}` },
  'rs-error-after-chunk': {
    answer: () => ({ body: 'hello', fails: true }),
    wire: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
    log: /the app failed: Error: in the middle/,
  },
  'rs-error-after-cl': {
    answer: (entry) => ({ ...message(entry), fails: true }),
    wire: 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello',
    log: /the app failed: Error: in the middle/,
  },
  'rs-early-hints': {
    answer: ({ raw }) => ({ hints: [['Link', raw.slice('Link: '.length)]] }),
    wire: REFUSED,
    fetched: undefined,
    log: INVALID_FIELD,
  },
  'rs-http10-chunked': {
    answer: message,
    wire: 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nstreamed',
    streamed: 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nstreamed',
  },
};

/** Answers as a row has it, and the request behind it with `next`. */
function gateway(answer: Answer, body: (text: string, fails: boolean) => ReturnType<GatewayApp>): GatewayApp {
  return (environ, startResponse) => {
    if (environ.PATH_INFO === '/next') return sayNext(startResponse);
    sayHints(environ, answer);
    startResponse(answer.status ?? '200 OK', answer.fields ?? []);
    return body(answer.body ?? '', answer.fails === true);
  };
}

function sayNext(startResponse: StartResponse): Uint8Array[] {
  startResponse('200 OK', []);
  return [Buffer.from('next')];
}

function sayHints(environ: Environ, { hints }: Answer): void {
  if (hints !== undefined) environ['wsgi.early_hints'](hints);
}

async function* pieces(text: string, fails: boolean): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
  if (fails) throw new Error('in the middle');
}

/** What Headers would refuse itself comes from those that have a Response of their own. */
function fetched(answer: Answer): FetchFunction {
  return (request) => {
    if (request.url.endsWith('/next')) return new Response(Buffer.from('next'));
    const { status: text = '200 OK', fields: headers = [], body = '', fails = false } = answer;
    const at = text.indexOf(' ');
    const stream = body === '' ? null : ReadableStream.from(pieces(body, fails));
    return { status: Number(text.slice(0, at)), statusText: text.slice(at + 1), headers, body: stream } as unknown as Response;
  };
}

async function assertAnswered(entry: SmugglingCase, app: GatewayApp | FetchFunction, wire: string, log?: RegExp): Promise<void> {
  await using server = await startTestServer(app, { date: false, via: false, chunkedTransfer: true });
  await using client = await server.client();
  const { request_method: method = 'GET', request_version: version = 'HTTP/1.1' } = entry;
  await client.send(get('/').replace('GET', method).replace('HTTP/1.1', version) + get('/next', 'Connection: close'));
  assert.equal(await client.untilEnd(), wire);
  const errors = server.log.filter(({ level }) => level === 'error').map((record) => record.message);
  assert.equal(errors.length, log === undefined ? 0 : 1, errors.join('\n'));
  if (log !== undefined) assert.match(errors[0]!, log);
}

describe(`${cases.length} answers`, { timeout: 120_000 }, () => {
  it('have a reading each', () => {
    assert.deepEqual(Object.keys(READINGS).toSorted(), cases.map(({ id }) => id).toSorted());
  });

  for (const entry of cases) {
    const { answer, wire, streamed = wire, log, ...rest } = READINGS[entry.id]!;
    const said = answer(entry);
    const title = `${entry.expect} ${entry.id}: ${entry.why}`;

    // What is there as a whole cannot fail in the middle.
    if (said.fails !== true) {
      it(`${title} As a whole`, async () => {
        await assertAnswered(
          entry,
          gateway(said, (text) => [Buffer.from(text)]),
          wire,
          log,
        );
      });
    }

    it(`${title} In pieces`, async () => {
      await assertAnswered(entry, gateway(said, pieces), streamed, log);
    });

    const ofFetch = 'fetched' in rest ? rest.fetched : wire;
    if (ofFetch === undefined) continue;
    it(`${title} As a Response`, async () => {
      const isDropped = 'fetched' in rest;
      await assertAnswered(entry, fetched(said), ofFetch, isDropped ? undefined : log);
    });
  }
});
