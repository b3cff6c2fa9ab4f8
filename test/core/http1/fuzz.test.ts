// What strangers send: random bytes, and requests that are nearly right. Seeded, so that a failure comes again.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { byteByByte } from '../../support/cuts.ts';
import { heardByClient, heardByNode, type HeardRequest } from '../../support/llhttp.ts';
import { linesOf, Wire, type Answer, type Step } from '../../support/wire.ts';

const SEED = 9_112;

const REQUESTS = [
  'GET /a?b=c HTTP/1.1\r\nHost: a\r\nX: y, z\r\n\r\n',
  'HEAD http://a:80/b HTTP/1.1\r\nHost: a\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nhost: [::1]:80\r\n\r\n',
  'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
  'POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
  'PUT /q HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nConnection: close\r\n\r\n0123456789',
  'POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'POST /t HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;x="y"\r\na\r\nA\r\n0123456789\r\n0\r\nTrailer: z\r\n\r\n',
  'POST /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi',
];

/** What attackers put where it does not belong. */
const PIECES = [
  ...Array.from('\r\n\0\t\v :;,="\'0159afx+-_#?/*\x7f\x85\xa0\xff'),
  '\r\n',
  '\r\n\r\n',
  'Content-Length: 3\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: identity\r\n',
  'Connection: close\r\n',
  'Host: b\r\n',
  ' X: y\r\n',
  '0\r\n\r\n',
  'GET /smuggled HTTP/1.1\r\nHost: b\r\n\r\n',
];

interface Edit {
  /** As a fraction of the text: 0 its begin, 1 its end. */
  readonly where: number;
  readonly drop: number;
  readonly insert: string;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  where: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.oneof(fc.constant(0), fc.nat({ max: 4 })),
  insert: fc.oneof(fc.constant(''), fc.constantFrom(...PIECES)),
});

/** One to three requests, one behind the other, with up to four edits. */
const nearlyRight = fc
  .tuple(fc.array(fc.constantFrom(...REQUESTS), { minLength: 1, maxLength: 3 }), fc.array(edit, { maxLength: 4 }))
  .map(([requests, edits]) => Buffer.from(edits.reduce(edited, requests.join('')), 'latin1'));

function edited(text: string, { where, drop, insert }: Edit): string {
  const at = Math.round(where * text.length);
  return text.slice(0, at) + insert + text.slice(at + drop);
}

const noise = fc.uint8Array({ maxLength: 200 });
const input = fc.oneof({ weight: 4, arbitrary: nearlyRight }, { weight: 1, arbitrary: noise });

// An app that answers without waiting for a body that waits for 100 Continue: how much of it is here then decides.
const inputWithoutExpect = input.filter((bytes) => !/expect/i.test(Buffer.from(bytes).toString('latin1')));

const OK: Answer = { at: 'end', steps: [{ type: 'head', status: '200 OK', flat: [] }] };
const UNREAD: Answer = { ...OK, at: 'request' };
const answers = fc.array(fc.constantFrom(OK, UNREAD), { minLength: 8, maxLength: 8 });

function heard(pieces: readonly Uint8Array[], answersOfApp: readonly Answer[]): unknown {
  const wire = new Wire({ bodyBytesMax: 1_000, headBytesMax: 4_000 }, answersOfApp);
  for (const piece of pieces) wire.receive(piece);
  wire.endSending();
  return { lines: wire.heard.flatMap(linesOf), rest: wire.rest };
}

function piecesOf(bytes: Uint8Array, wheres: readonly number[]): Uint8Array[] {
  const ends = wheres.map((where) => Math.round(where * bytes.length)).toSorted((a, b) => a - b);
  return [...ends, bytes.length].map((to, index) => bytes.subarray(ends[index - 1] ?? 0, to));
}

describe('whatever a client sends', () => {
  it('becomes events, and never an exception or a loop', () => {
    fc.assert(
      fc.property(input, answers, (bytes, answersOfApp) => {
        assert.doesNotThrow(() => heard([bytes], answersOfApp));
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });

  it('is the same however it is cut', () => {
    const wheres = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(inputWithoutExpect, wheres, answers, (bytes, cutAt, answersOfApp) => {
        const whole = heard([bytes], answersOfApp);
        assert.deepEqual(heard(piecesOf(bytes, cutAt), answersOfApp), whole);
        assert.deepEqual(heard(byteByByte(bytes), answersOfApp), whole, 'byte by byte');
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });

  it('is read as llhttp reads it, or refused', async () => {
    await fc.assert(
      fc.asyncProperty(nearlyRight, async (bytes) => {
        const ours = requestsOf(bytes);
        const theirs = await heardByNode(bytes);
        for (const [index, request] of ours.requests.entries()) {
          const other = theirs.requests[index];
          // We take nothing that it refuses.
          assert.ok(other !== undefined || mayDiffer(theirs.error), `${theirs.error}: ${JSON.stringify(request)}`);
          if (other === undefined) break;
          assert.deepEqual(withoutAuthority({ ...request, body: '' }), withoutAuthority({ ...other, body: '' }));
          if (request.body !== undefined && other.body !== undefined) assert.equal(request.body, other.body);
        }
        if (!ours.hasFault && theirs.error === undefined) assert.equal(ours.requests.length, theirs.requests.length);
      }),
      { seed: SEED, numRuns: 1_000 },
    );
  });
});

/** llhttp knows a list of methods; RFC 9110 §9.1 lets any token be one. */
function mayDiffer(complaint: string | undefined): boolean {
  return complaint === undefined || complaint === 'HPE_INVALID_METHOD';
}

interface OurAnswer {
  readonly method: string;
  readonly version: string;
  readonly status: number;
  /** Content-Length is as much longer than the body; nothing when the app sends none. */
  readonly surplus: number | undefined;
  readonly pieces: readonly Uint8Array[];
  readonly isWhole: boolean;
  readonly chunkedTransfer: boolean;
}

const ourAnswer: fc.Arbitrary<OurAnswer> = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST'),
  version: fc.constantFrom('HTTP/1.1', 'HTTP/1.0'),
  status: fc.constantFrom(200, 204, 205, 299, 304, 404, 500),
  surplus: fc.constantFrom(undefined, 0, 0, -1, 1),
  pieces: fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 4 }),
  isWhole: fc.boolean(),
  chunkedTransfer: fc.boolean(),
});

describe('whatever an app answers', () => {
  it('is heard by a client as it was meant', async () => {
    await fc.assert(
      fc.asyncProperty(ourAnswer, async (answer) => {
        const { method, version, status, surplus = 0 } = answer;
        const body = Buffer.concat(answer.isWhole ? answer.pieces.slice(0, 1) : answer.pieces);
        const hasContent = method !== 'HEAD' && ![204, 205, 304].includes(status);
        const wire = new Wire({ chunkedTransfer: answer.chunkedTransfer }, [{ at: 'end', steps: stepsOf(answer, body.length) }]);
        wire.receive(Buffer.from(`${method} / ${version}\r\nHost: a\r\nConnection: keep-alive\r\n\r\n`));

        const heardThere = await heardByClient(method, Buffer.from(wire.output, 'latin1'), wire.rest === 'closed');

        assert.equal(heardThere.status, status);
        assert.equal(heardThere.body, hasContent ? body.toString('latin1', 0, body.length + Math.min(surplus, 0)) : '');
        assert.equal(heardThere.isComplete, !hasContent || surplus <= 0);
      }),
      { seed: SEED, numRuns: 1_000 },
    );
  });
});

function stepsOf({ status, surplus, pieces, isWhole }: OurAnswer, length: number): Step[] {
  const flat = surplus === undefined ? [] : ['Content-Length', String(Math.max(0, length + surplus))];
  const head: Step = { type: 'head', status: String(status), flat };
  if (isWhole) return [head, { type: 'body', bytes: pieces[0]! }];
  return [head, ...pieces.map((bytes): Step => ({ type: 'piece', bytes })), { type: 'end' }];
}

/** The requests as our engine reads them. */
function requestsOf(bytes: Uint8Array): { requests: HeardRequest[]; hasFault: boolean } {
  const wire = new Wire(
    {},
    Array.from({ length: 20 }, () => OK),
  );
  wire.receive(bytes);
  wire.endSending();
  const requests: HeardRequest[] = [];
  let body = '';
  for (const event of wire.heard) {
    if (event.type === 'request') {
      const { method, target, fields } = event.head;
      requests.push({ method, target, flat: fields.flat });
      body = '';
    } else if (event.type === 'data') body = Buffer.from(event.bytes).toString('latin1');
    else if (event.type === 'end') requests.at(-1)!.body = body;
  }
  return { requests, hasFault: wire.heard.at(-1)?.type === 'fault' };
}

/** The authority of an absolute target takes the place of Host with us; node:http leaves that to its app. */
function withoutAuthority(request: HeardRequest): HeardRequest {
  if (request.target.startsWith('/')) return request;
  const flat = request.flat.filter((_, at) => request.flat[at - (at % 2)]!.toLowerCase() !== 'host');
  return { ...request, flat };
}
