// Text that an app answers with, as its clients have it: what is ASCII is handed on as text, and is bytes in the end, in order.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { nodeApp, type App } from '@appserve/core/app';
import { get } from '../support/apps.ts';
import { answersOf } from '../support/answers-of.ts';
import { variablesOf } from '../support/fastcgi-client.ts';
import { startFastcgiServer } from '../support/fastcgi-server.ts';
import { Http2Client } from '../support/http2-client.ts';
import { startTestServer, type TestServerOptions } from '../support/http-server.ts';

const TIMEOUT = { timeout: 120_000 };

/** By path: around what runs together with a head, what a record or a frame holds, and what a node app may write at once. */
const TEXTS: Readonly<Record<string, string>> = {
  '/empty': '',
  '/word': 'Hello, world!',
  '/8191': 'a'.repeat(8_191),
  '/8192': 'b'.repeat(8_192),
  '/8193': 'c'.repeat(8_193),
  '/65536': 'd'.repeat(65_536),
  '/300000': Array.from({ length: 30_000 }, (_, line) => String(line).padStart(9, '0')).join('\n'),
  '/umlaut': `${'e'.repeat(9_000)}ü`,
  '/wide': '語'.repeat(30_000),
  '/half': `${'f'.repeat(20_000)}\ud83d`,
};
const PATHS = Object.keys(TEXTS);

function textOf(path: string): string {
  return TEXTS[path]!;
}

const APPS: Readonly<Record<string, App>> = {
  fetch: (request: Request) => new Response(textOf(new URL(request.url).pathname)),
  'fetch, streamed': (request: Request) => {
    const bytes = new TextEncoder().encode(textOf(new URL(request.url).pathname));
    return new Response(new ReadableStream({ start: (stream) => (stream.enqueue(bytes), stream.close()) }));
  },
  'node, end': nodeApp((request, response) => void response.end(textOf(request.url!))),
  'node, in parts': nodeApp((request, response) => {
    const text = textOf(request.url!);
    const middle = Math.trunc(text.length / 2);
    response.write('<');
    response.write(Buffer.from('bytes'));
    response.write(text.slice(0, middle));
    response.end(`${text.slice(middle)}>`);
  }),
};

/** A pair of halves that is cut comes as two lone ones: none of ours is. */
function expected(name: string, path: string): Buffer {
  const text = textOf(path);
  return Buffer.from(new TextEncoder().encode(name === 'node, in parts' ? `<bytes${text}>` : text));
}

function print(bytes: Uint8Array): string {
  return `${bytes.length} bytes, ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
}

const WAYS: Readonly<Record<string, TestServerOptions>> = {
  'HTTP/1.1': {},
  'HTTP/1.1 over TLS': { listen: 'tls' },
  'HTTP/2': { h2c: true },
  'light fetch': { lightFetch: true },
};

for (const [name, app] of Object.entries(APPS))
  describe(`text of an app in ${name}`, TIMEOUT, () => {
    for (const [way, options] of Object.entries(WAYS))
      it(`is bytes in the order of the requests: ${way}`, async () => {
        await using server = await startTestServer(app, { chunkedTransfer: true, ...options });
        await using client = way === 'HTTP/2' ? await Http2Client.connect(server.at) : await server.client();
        await client.send(PATHS.map((path) => get(path)).join(''));
        const methods = PATHS.map(() => 'GET');
        const isWhole = (received: string): boolean =>
          answersOf(received, methods).filter((one) => one.isWhole).length === PATHS.length;
        const answers = answersOf(await client.until(isWhole), methods);
        assert.deepEqual(
          answers.map(({ body }, nth) => `${PATHS[nth]}: ${print(Buffer.from(body, 'latin1'))}`),
          PATHS.map((path) => `${path}: ${print(expected(name, path))}`),
        );
      });

    it('is bytes in records of FastCGI', async () => {
      await using server = await startFastcgiServer(app);
      await using client = await server.client();
      for (const path of PATHS) {
        const { body } = await client.ask({ params: variablesOf(path), keepConn: true });
        assert.equal(`${path}: ${print(Buffer.from(body, 'latin1'))}`, `${path}: ${print(expected(name, path))}`);
      }
    });
  });

describe('a text', TIMEOUT, () => {
  const long = 'x'.repeat(20_000);

  it('that is longer than the app has said is cut there, and the connection ends', async () => {
    const app = (): Response => new Response(long, { headers: { 'Content-Length': '9000' } });
    await using server = await startTestServer(app);
    await using client = await server.client();
    await client.send(get('/'));
    const [answer] = answersOf(await client.untilEnd(), ['GET']);
    assert.equal(answer!.body, long.slice(0, 9_000));
    assert.equal(server.log.filter(({ message }) => message.includes('9000')).length, 1);
  });

  it('is not sent to HEAD, and its length is told', async () => {
    await using server = await startTestServer(() => new Response(long));
    await using client = await server.client();
    await client.send(get('/', 'Connection: close').replace('GET', 'HEAD'));
    const received = await client.untilEnd();
    assert.match(received, /\r\nContent-Length: 20000\r\n/);
    assert.ok(received.endsWith('\r\n\r\n'));
  });

  it('that is more than the kernel takes waits for its client', async () => {
    const megabytes = 'a line of a long page\n'.repeat(500_000);
    await using server = await startTestServer(() => new Response(megabytes));
    await using client = await server.client();
    client.pause();
    await client.send(get('/', 'Connection: close'));
    client.resume();
    const [answer] = answersOf(await client.untilEnd(), ['GET']);
    assert.equal(print(Buffer.from(answer!.body)), print(Buffer.from(megabytes)));
  });

  it('that is followed by another one, which is no ASCII, keeps its place', async () => {
    const app = nodeApp((_request, response) => {
      response.setHeader('Content-Type', 'text/plain');
      response.write(long);
      response.end('語');
    });
    await using server = await startTestServer(app, { chunkedTransfer: true });
    await using client = await server.client();
    await client.send(get('/', 'Connection: close'));
    const [answer] = answersOf(await client.untilEnd(), ['GET']);
    assert.equal(answer!.body, `${long}${Buffer.from('語').toString('latin1')}`);
  });
});
