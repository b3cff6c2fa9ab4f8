// docs/reference/gateway.md, rule by rule, on the wire: how an app reads, and where it complains.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatewayApp, InputStream } from '@appserve/core/app';
import { createHttpServer } from '@appserve/server';
import { turns } from '../../support/eventually.ts';
import { answerOf, get, giving, post, serving } from '../../support/gateway-app.ts';
import { RawClient } from '../../support/raw-client.ts';

const TIMEOUT = { timeout: 120_000 };

/** An app that answers with what it read, as JSON. */
function reading(read: (input: InputStream) => Promise<unknown>): GatewayApp {
  return async (environ, startResponse) => {
    const found = await read(environ['wsgi.input']);
    startResponse('200 OK', []);
    return [Buffer.from(JSON.stringify(found))];
  };
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

async function readOf(read: (input: InputStream) => Promise<unknown>, request: string): Promise<unknown> {
  const { body } = await answerOf(reading(read), request);
  return JSON.parse(body);
}

async function inParts(input: InputStream): Promise<unknown> {
  const parts = [await input.read(0), await input.read(4), await input.read(), await input.read(), await input.read(1)];
  return parts.map(text);
}

async function byLine(input: InputStream): Promise<unknown> {
  const lines = [await input.readline(), await input.readline(2), await input.readline(), await input.readline()];
  return [...lines, await input.readline(100), await input.readline()].map(text);
}

async function byHint(input: InputStream): Promise<unknown> {
  const [some, others] = [await input.readlines(5), await input.readlines()];
  return [some.map(text), others.map(text)];
}

async function iterated(input: InputStream): Promise<unknown> {
  const lines: string[] = [];
  for await (const line of input) lines.push(text(line));
  return lines;
}

async function atOnce(input: InputStream): Promise<unknown> {
  const parts = await Promise.all([input.read(3), input.readline(), input.read(1), input.read(), input.read()]);
  return parts.map(text);
}

/** What comes of a size, asked for in each way, and what is there afterwards. */
function asking(size: number): (input: InputStream) => Promise<unknown> {
  return async (input) => {
    const found: unknown[] = [];
    for (const method of ['read', 'readline', 'readlines'] as const) {
      try {
        found.push(await input[method](size));
      } catch (error) {
        found.push((error as { code?: string }).code);
      }
    }
    return [...found, text(await input.read())];
  };
}

const whole: GatewayApp = async (environ, startResponse) => {
  startResponse('200 OK', []);
  assert.equal(environ['wsgi.input_terminated'], true);
  return [await environ['wsgi.input'].read()];
};

describe('the input', TIMEOUT, () => {
  it('G17: reads so many bytes, fewer at the end, all that is left, and nothing behind the end', async () => {
    assert.deepEqual(await readOf(inParts, post('hello world')), ['', 'hell', 'o world', '', '']);
    assert.deepEqual(await readOf(inParts, get()), ['', '', '', '', '']);
    assert.deepEqual(await readOf(async (input) => text(await input.read(100)), post('short')), 'short');
    assert.deepEqual(await readOf(async (input) => text(await input.read(-1)), post('short')), 'short');
  });

  it('G18: reads line by line', async () => {
    const body = 'one\ntwo\r\n\nlast';
    assert.deepEqual(await readOf(byLine, post(body)), ['one\n', 'tw', 'o\r\n', '\n', 'last', '']);
    assert.deepEqual(await readOf(byHint, post(body)), [
      ['one\n', 'two\r\n'],
      ['\n', 'last'],
    ]);
    assert.deepEqual(await readOf(iterated, post(body)), ['one\n', 'two\r\n', '\n', 'last']);
  });

  it('G19: ends where the body ends, whatever stands behind it', async () => {
    const chunked = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n';
    await serving(whole, async (client) => {
      await client.send(post('hello') + chunked + post('') + post('GET / HTTP/1.1') + get());
      const bodies: (string | undefined)[] = [];
      for (let answer = 0; answer < 5; answer += 1) bodies.push((await client.response())?.body);
      assert.deepEqual(bodies, ['hello', 'onetwo', '', 'GET / HTTP/1.1', '']);
    });
  });

  for (const [name, request] of [
    ['cut short', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhello'],
    ['cut short in a chunk', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello'],
    ['cut short between chunks', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['no chunks', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello, world'],
  ] as const) {
    it(`G20: that is ${name} is an error of the read, after what has come`, async () => {
      let outcome: unknown;
      const app: GatewayApp = async (environ, startResponse) => {
        const input = environ['wsgi.input'];
        const first = text(await input.read(5));
        outcome = await input.read().then(text, (error: unknown) => [first, (error as { code?: string }).code]);
        startResponse('200 OK', []);
        return [];
      };
      await serving(app, async (client) => {
        await client.send(request);
        client.endSending();
        assert.equal((await client.response())?.status, 400);
      });
      assert.deepEqual(outcome, ['hello', name === 'no chunks' ? 'CHUNK_INVALID' : 'BODY_INCOMPLETE']);
    });
  }

  it('G21: asks a client that waits to go on, when it is first read', async () => {
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n';
    await serving(
      reading(async (input) => text(await input.read())),
      async (client) => {
        await client.send(head);
        assert.equal(await client.until((told) => told.includes('\r\n\r\n')), 'HTTP/1.1 100 Continue\r\n\r\n');
        await client.send('hello');
        assert.match(
          await client.until((told) => told.endsWith('"hello"')),
          /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
        );
      },
    );
    const { status } = await answerOf(
      giving(() => []),
      head,
    );
    assert.equal(status, 200, 'who does not read answers at once');
  });

  it('G22: answers reads in the order in which they are asked', async () => {
    await serving(reading(atOnce), async (client) => {
      const request = post('abcd\nefg');
      await client.send(request.slice(0, -8));
      // By now it has asked, and has nothing yet.
      await turns(10);
      await client.send(request.slice(-8, -2));
      await client.send(request.slice(-2));
      assert.equal((await client.response())?.body, JSON.stringify(['abc', 'd\n', 'e', 'fg', '']));
    });
    assert.deepEqual(await readOf(atOnce, post('abcd\nefg')), ['abc', 'd\n', 'e', 'fg', '']);
  });

  for (const size of [Number.NaN, 1.5, '5', null] as number[]) {
    it(`G23: does not take ${typeof size} ${String(size)} for a number of bytes`, async () => {
      const code = 'INPUT_SIZE_INVALID';
      assert.deepEqual(await readOf(asking(size), post('hello')), [code, code, code, 'hello']);
    });
  }
});

describe('the errors', TIMEOUT, () => {
  it('G24: stand in the log, a line each, whatever their chars are', async () => {
    const app = giving(({ 'wsgi.errors': errors }) => {
      errors.write('in two ');
      errors.write('parts, €\n');
      errors.writelines(['one\n', 'two\n']);
      errors.write('no line end');
      errors.flush();
      return [];
    });
    const lines: string[] = [];
    await using server = await createHttpServer(app, { errorLog: ({ message }) => lines.push(message) });
    const address = await server.listen('127.0.0.1:0');
    await using client = await RawClient.connect(address.type === 'tcp' ? address.port : 0);
    await client.send(get());
    await client.response();
    assert.deepEqual(lines, ['in two parts, €', 'one', 'two', 'no line end']);
  });
});
