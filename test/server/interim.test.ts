// What is said before the answer: 103 Early Hints and 100 Continue, when it is said, and to whom.

import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, it } from 'node:test';
import type { GatewayApp } from '@appserve/core/app';
import { get, ok, post } from '../support/apps.ts';
import { Deferred } from '../support/deferred.ts';
import { eventually, turns } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/http-server.ts';

const TIMEOUT = { timeout: 120_000 };
const MIB = 1_024 * 1_024;
const HINT = [['Link', '</a.css>; rel=preload']] as const;
const HINTED = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n';
const BARE = { via: false, date: false } as const;

function complaints({ log }: TestServer): string[] {
  return log.filter(({ level }) => level !== 'debug').map(({ message }) => message.split('\n')[0]!);
}

const hints: GatewayApp = (environ, startResponse) => {
  environ['wsgi.early_hints'](HINT);
  return ok(startResponse, environ.PATH_INFO);
};

const counts: GatewayApp = async (environ, startResponse) =>
  ok(startResponse, String((await environ['wsgi.input'].read()).length));

const hintsTooLate: GatewayApp = async (environ, startResponse) => {
  await startResponse('200 OK', [['Content-Length', '5']])(Buffer.from('be'));
  environ['wsgi.early_hints'](HINT);
  return [Buffer.from('gin')];
};

const splits: GatewayApp = (environ, startResponse) => {
  environ['wsgi.early_hints']([['Link', '</a>\r\nSet-Cookie: b']]);
  return ok(startResponse, 'answer');
};

function answer(path: string, ...lines: readonly string[]): string {
  return ['HTTP/1.1 200 OK', 'Content-Type: text/plain', 'Content-Length: 2', ...lines, '', path].join('\r\n');
}

/** A client that waits to be told before it sends its body. */
function expects(framing: string): string {
  return `POST / HTTP/1.1\r\nHost: test\r\n${framing}\r\nExpect: 100-continue\r\n\r\n`;
}

describe('early hints', TIMEOUT, () => {
  it('are here while the app is still at work', async () => {
    const mayAnswer = new Deferred();
    const app: GatewayApp = async (environ, startResponse) => {
      await turns(1);
      environ['wsgi.early_hints'](HINT);
      await mayAnswer.promise;
      return ok(startResponse, 'answer');
    };
    await using server = await startTestServer(app, BARE);
    await using client = await server.client();
    await client.send(get('/'));
    assert.equal(await client.until((text) => text !== ''), HINTED);
    mayAnswer.resolve();
    assert.match(await client.until((text) => text.endsWith('answer')), /\r\n\r\nHTTP\/1\.1 200 OK\r\n.*\r\n\r\nanswer$/s);
  });

  it('stand before the answer that they belong to', async () => {
    await using server = await startTestServer(hints, BARE);
    await using client = await server.client();
    await client.send(get('/1') + get('/2', 'Connection: close'));
    assert.equal(await client.untilEnd(), `${HINTED}${answer('/1')}${HINTED}${answer('/2', 'Connection: close')}`);
  });

  it('are nothing to a client of HTTP/1.0', async () => {
    await using server = await startTestServer(hints);
    await using client = await server.client();
    await client.send('GET / HTTP/1.0\r\n\r\n');
    assert.match(await client.untilEnd(), /^HTTP\/1\.1 200 OK\r\n/);
  });

  it('reach a client of Node’s as what they are', async () => {
    await using server = await startTestServer(hints);
    const heard: unknown[] = [];
    const sent = http.get({ socketPath: String(server.at), path: '/', agent: false });
    sent.on('information', ({ statusCode, headers }) => heard.push([statusCode, headers['link']]));
    const response = await new Promise<http.IncomingMessage>((resolve) => sent.once('response', resolve));
    response.resume();
    assert.deepEqual([...heard, response.statusCode], [[103, '</a.css>; rel=preload'], 200]);
  });

  it('that come too late break the answer off', async () => {
    await using server = await startTestServer(hintsTooLate);
    await using client = await server.client();
    await client.send(get('/path'));
    assert.match(await client.untilEnd(), /\r\n\r\nbe$/);
    assert.match(complaints(server).join('\n'), /^GET \/path: the app failed: Fault: /);
  });

  it('that would split the response are refused', async () => {
    await using server = await startTestServer(splits);
    await using client = await server.client();
    await client.send(get('/path'));
    assert.match(await client.untilEnd(), /^HTTP\/1\.1 500 /);
  });

  it('to a client that has gone are nothing', async () => {
    const isRunning = new Deferred();
    const mayAnswer = new Deferred();
    const isDone = new Deferred();
    const app: GatewayApp = async (environ, startResponse) => {
      isRunning.resolve();
      await mayAnswer.promise;
      environ['wsgi.early_hints'](HINT);
      isDone.resolve();
      return ok(startResponse, 'nobody reads this');
    };
    await using server = await startTestServer(app, { listen: 'tcp' });
    await using client = await server.client();
    await client.send(get('/'));
    await isRunning.promise;
    client.reset();
    await eventually('it is gone', () => server.server.connections === 0);
    mayAnswer.resolve();
    await isDone.promise;
    assert.deepEqual(complaints(server), []);
  });
});

describe('100 Continue', TIMEOUT, () => {
  it('comes behind early hints, when the body is asked for', async () => {
    const mayRead = new Deferred();
    const app: GatewayApp = async (environ, startResponse) => {
      environ['wsgi.early_hints'](HINT);
      await mayRead.promise;
      return counts(environ, startResponse);
    };
    await using server = await startTestServer(app);
    await using client = await server.client();
    await client.send(expects('Content-Length: 4'));
    assert.equal(await client.until((text) => text !== ''), HINTED);
    mayRead.resolve();
    assert.equal(await client.until((text) => text.length > HINTED.length), `${HINTED}HTTP/1.1 100 Continue\r\n\r\n`);
    await client.send('body');
    assert.match(await client.until((text) => text.endsWith('4')), /\r\n\r\nHTTP\/1\.1 200 OK\r\n.*\r\n\r\n4$/s);
  });

  it('comes for a chunked body too, and the connection goes on', async () => {
    await using server = await startTestServer(counts);
    await using client = await server.client();
    await client.send(expects('Transfer-Encoding: chunked'));
    assert.equal((await client.response())?.status, 100);
    await client.send(`4\r\nbody\r\n0\r\n\r\n${post('/', 'next!')}`);
    assert.deepEqual([(await client.response())?.body, (await client.response())?.body], ['4', '5']);
  });

  it('is said once, though the app has to ask again', async () => {
    const asksAgain = new Deferred();
    const app: GatewayApp = async (environ, startResponse) => {
      const input = environ['wsgi.input'];
      await input.read(2);
      const rest = input.read();
      asksAgain.resolve();
      return ok(startResponse, String((await rest).length));
    };
    await using server = await startTestServer(app);
    await using client = await server.client();
    await client.send(expects('Content-Length: 4'));
    assert.equal((await client.response())?.status, 100);
    await client.send('bo');
    await asksAgain.promise;
    await client.send('dy');
    assert.equal((await client.response())?.body, '2');
  });

  it('lets a client of Node’s send what it has, three times on one connection', async () => {
    await using server = await startTestServer(counts);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const lengths: string[] = [];
    for (let request = 0; request < 3; request += 1) {
      const sent = http.request({
        socketPath: String(server.at),
        method: 'POST',
        agent,
        headers: { Expect: '100-continue', 'Content-Length': MIB },
      });
      sent.once('continue', () => sent.end(Buffer.alloc(MIB)));
      sent.flushHeaders();
      const response = await new Promise<http.IncomingMessage>((resolve) => sent.once('response', resolve));
      for await (const piece of response) lengths.push(String(piece));
    }
    assert.equal(server.server.connections, 1);
    agent.destroy();
    assert.deepEqual(lengths, [String(MIB), String(MIB), String(MIB)]);
  });

  it('is not said where the body would be too large: the refusal comes instead', async () => {
    await using server = await startTestServer(counts, { maxBodySizeBytes: 3 });
    await using client = await server.client();
    await client.send(expects('Content-Length: 4'));
    assert.match(await client.untilEnd(), /^HTTP\/1\.1 413 /);
  });
});
