// An answer over HTTP/2: its fields, also in the hands of node:http2, and its body against what it has announced.

import assert from 'node:assert/strict';
import http2 from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { Fault } from '@appserve/core';
import {
  AnswerBody,
  answerFields,
  HTTP2_LIMITS,
  readRequestFields,
  refusalFields,
  type AnswerFields,
} from '@appserve/core/http2';
import { ResponseHead, type RequestHead } from '@appserve/core/message';

const BARE = { dateLine: '', server: '', via: '' };

function request(method = 'GET'): RequestHead {
  return readRequestFields([':method', method, ':scheme', 'http', ':path', '/', ':authority', 'a'], true, HTTP2_LIMITS);
}

function fieldsOf(flat: string[], { status = 200, method = 'GET', length = -1, style = BARE } = {}): Record<string, unknown> {
  return { ...answerFields(request(method), ResponseHead.of(status, flat), length, style) };
}

describe('the fields of an answer', () => {
  it('are in lower case, and lists where they repeat', () => {
    assert.deepEqual(fieldsOf(['X-A', '1', 'Set-Cookie', 'a', 'set-cookie', 'b']), {
      ':status': '200',
      'x-a': '1',
      'set-cookie': ['a', 'b'],
    });
  });

  it('say nothing of a connection of HTTP/1.1', () => {
    assert.deepEqual(fieldsOf(['Upgrade', 'h3', 'Connection', 'close', 'HTTP2-Settings', 'x'], { status: 426 }), {
      ':status': '426',
    });
  });

  it('say how long the body is where that is known and true', () => {
    assert.equal(fieldsOf([], { length: 5 })['content-length'], '5');
    assert.equal(fieldsOf([], { length: 0 })['content-length'], '0');
    assert.equal(fieldsOf([])['content-length'], undefined);
    assert.equal(fieldsOf([], { length: 5, method: 'HEAD' })['content-length'], '5');
    assert.equal(fieldsOf([], { length: 0, method: 'HEAD' })['content-length'], undefined);
    for (const status of [204, 205, 304]) assert.equal(fieldsOf([], { length: 0, status })['content-length'], undefined);
    for (const status of [204, 205]) assert.equal(fieldsOf(['Content-Length', '3'], { status })['content-length'], undefined);
    assert.equal(fieldsOf(['Content-Length', '3'], { status: 304 })['content-length'], '3');
  });

  it('have Date, Server and Via where these are wanted, and the app has not said them', () => {
    const style = { dateLine: 'Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n', server: 'appserve', via: '2.0 appserve' };
    const ours = { date: 'Thu, 01 Jan 1970 00:00:00 GMT', server: 'appserve', via: '2.0 appserve' };
    assert.deepEqual(fieldsOf([], { style }), { ':status': '200', ...ours });
    assert.deepEqual(fieldsOf(['Date', 'now', 'Server', 'mine', 'Via', '1.1 a'], { style }), {
      ':status': '200',
      date: 'now',
      server: 'mine',
      via: ['1.1 a', '2.0 appserve'],
    });
  });

  it('have no status that node:http2 does not send', () => {
    assert.throws(() => fieldsOf([], { status: 600 }), { code: 'RESPONSE_STATUS_INVALID' });
  });

  it('of a refusal tell the client what it did', () => {
    const { fields, body } = refusalFields(new Fault('BODY_TOO_LARGE', { limit: 5 }), BARE);
    assert.deepEqual(
      [fields[':status'], Buffer.from(body).toString()],
      ['413', '413 Content Too Large\nthe body exceeds 5 bytes\n'],
    );
    assert.equal(refusalFields(new Fault('METHOD_REFUSED', { method: 'CONNECT' }), BARE).fields['allow']?.includes('GET'), true);
  });

  it('are taken by node:http2 whatever repeats', async () => {
    const names = [
      'Content-Type',
      'Content-Encoding',
      'ETag',
      'Location',
      'Age',
      'Retry-After',
      'Link',
      'Vary',
      'X-A',
      '__proto__',
    ];
    const fields = answerFields(
      request(),
      ResponseHead.of(
        200,
        names.flatMap((name) => [name, 'a', name, 'b']),
      ),
      0,
      BARE,
    );
    const heard = await throughNode(fields);
    for (const name of names) assert.equal(heard.get(name.toLowerCase())?.join(', '), 'a, b', name);
  });
});

/** What a client of node:http2 hears of them. */
async function throughNode(fields: AnswerFields): Promise<Map<string, string[]>> {
  const server = http2.createServer();
  server.on('stream', (stream) => stream.respond(fields, { endStream: true }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = http2.connect('http://a', { createConnection: () => net.connect(port, '127.0.0.1') });
  const raw = await new Promise<readonly string[]>((resolve, reject) => {
    client.on('error', reject);
    const stream = client.request({ ':path': '/' });
    stream.on('error', reject);
    stream.on('response', (...[, , flat]: unknown[]) => resolve(flat as string[]));
  });
  client.close();
  server.close();
  const heard = new Map<string, string[]>();
  for (let at = 0; at < raw.length; at += 2) heard.set(raw[at]!, [...(heard.get(raw[at]!) ?? []), raw[at + 1]!]);
  return heard;
}

function bodyOf(flat: string[], length = -1, method = 'GET'): AnswerBody {
  return new AnswerBody(request(method), ResponseHead.of(200, flat), length);
}

describe('the body of an answer', () => {
  it('is cut where it is longer than its length, and that is a fault', () => {
    const body = bodyOf(['Content-Length', '4']);
    assert.equal(body.take(Buffer.from('abc')).length, 3);
    assert.deepEqual([body.excess, body.takesMore], [undefined, true]);
    assert.equal(body.take(Buffer.from('def')).length, 1);
    const { excess, takesMore } = body;
    assert.deepEqual([excess?.code, takesMore, body.take(Buffer.from('g')).length], ['RESPONSE_TOO_LONG', false, 0]);
    assert.equal(body.shortfall, undefined);
  });

  it('that is shorter is a fault too', () => {
    const body = bodyOf([], 4);
    body.take(Buffer.from('abc'));
    assert.deepEqual(body.shortfall?.details, { length: 4, sent: 3 });
  });

  it('is none to HEAD, whatever was announced', () => {
    const body = bodyOf(['Content-Length', '4'], -1, 'HEAD');
    assert.deepEqual([body.take(Buffer.from('abc')).length, body.takesMore, body.shortfall], [0, false, undefined]);
  });

  it('may be as long as it likes where nobody has said', () => {
    const body = bodyOf([]);
    assert.deepEqual([body.take(Buffer.alloc(9)).length, body.takesMore, body.shortfall], [9, true, undefined]);
  });
});
