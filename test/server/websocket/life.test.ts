// WebSockets and the life of their server: who is silent, who is too many, and what is said when it stops.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import type { WebSocketApp } from '@appserve/core/app';
import type { WebSocketConnection } from '@appserve/core/websocket';
import { get } from '../../support/apps.ts';
import { Deferred } from '../../support/deferred.ts';
import { eventually, turns } from '../../support/eventually.ts';
import { FrameClient } from '../../support/frame-client.ts';
import { startTestServer } from '../../support/http-server.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 4 };
const LONG_MS = 60_000;

const echo: Pick<WebSocketApp, 'message'> = { message: (socket, message) => socket.send(message) };

describe('a silent client', TIMEOUT, () => {
  it('is asked whether it is there, and dropped when it does not answer', async () => {
    const end = new Deferred<number>();
    await using server = await startTestServer(
      { ...echo, close: (_socket, code) => end.resolve(code) },
      { websocketPingMs: 150 },
    );
    await using client = await FrameClient.open(server.at);
    assert.equal(await client.hear(), 'ping');
    assert.equal(await client.hear(), 'end');
    assert.equal(await end.promise, 1006);
  });

  it('that answers is kept', async () => {
    await using server = await startTestServer({ ...echo, pingMs: 500 });
    await using client = await FrameClient.open(server.at);
    for (let round = 0; round < 4; round += 1) {
      assert.equal(await client.hear(), 'ping');
      client.send('pong');
    }
    client.send('text still here');
    assert.equal(await client.hear(), 'text still here');
  });

  it('is left with 1001 where the endpoint wants to hear something', async () => {
    await using server = await startTestServer({ ...echo, pingMs: 500, idleMs: 1_700 });
    await using client = await FrameClient.open(server.at);
    for (;;) {
      const line = await client.hear();
      if (line !== 'ping') {
        assert.equal(line, 'close 1001');
        break;
      }
      client.send('pong');
    }
  });
});

describe('a server with open WebSockets', TIMEOUT, () => {
  it('counts them to max_connections', async () => {
    await using server = await startTestServer(echo, { maxConnections: 1 });
    const client = await FrameClient.open(server.at);
    await using waiting = await server.client();
    await waiting.send(get('/'));
    await turns(5);
    assert.equal(server.server.connections, 1);
    await client[Symbol.asyncDispose]();
    assert.equal((await waiting.response())?.status, 426);
  });

  it('takes none of them for an idle connection', async () => {
    await using server = await startTestServer(echo);
    await using client = await FrameClient.open(server.at);
    server.server.closeIdleConnections();
    client.send('text still here');
    assert.equal(await client.hear(), 'text still here');
  });

  it('says 1001 when it stops, and waits until they have answered', async () => {
    const ends: number[] = [];
    await using server = await startTestServer({ ...echo, close: (_socket, code) => ends.push(code) });
    await using one = await FrameClient.open(server.at);
    await using other = await FrameClient.open(server.at);
    const closed = server.server.close(LONG_MS);
    assert.deepEqual([await one.hear(), await other.hear()], ['close 1001', 'close 1001']);
    one.send('text one more word', 'close 1001');
    assert.equal(await one.hear(), 'end');
    await eventually('one is left', () => server.server.connections === 1);
    other.send('close 1001');
    assert.equal(await other.hear(), 'end');
    assert.equal(await closed, 0);
    assert.deepEqual(ends, [1001, 1001]);
  });

  it('cuts those that do not answer when the grace is over', async () => {
    const end = new Deferred<number>();
    await using server = await startTestServer({ ...echo, close: (_socket, code) => end.resolve(code) });
    await using client = await FrameClient.open(server.at);
    assert.equal(await server.server.close(50), 1);
    assert.deepEqual([await client.hear(), await client.hear()], ['close 1001', 'end']);
    assert.equal(await end.promise, 1006);
  });

  it('says it at once to one that opens while the server stops', async () => {
    const mayOpen = new Deferred();
    const asked = new Deferred();
    await using server = await startTestServer({
      fetch: async (_request, context) => {
        asked.resolve();
        await mayOpen.promise;
        return context.upgrade(echo);
      },
    });
    const opening = FrameClient.open(server.at);
    await asked.promise;
    const closed = server.server.close(LONG_MS);
    mayOpen.resolve();
    await using client = await opening;
    assert.match(client.head, /^HTTP\/1\.1 101 /);
    assert.equal(await client.hear(), 'close 1001');
    client.send('close 1001');
    assert.equal(await closed, 0);
  });

  it('lets a hook say its own goodbye first', async () => {
    const sockets: WebSocketConnection[] = [];
    await using server = await startTestServer({ ...echo, open: (socket) => void sockets.push(socket) });
    await using client = await FrameClient.open(server.at);
    sockets[0]!.send('we are closing');
    sockets[0]!.close(1012, 'restart');
    const closed = server.server.close(LONG_MS);
    assert.deepEqual([await client.hear(), await client.hear()], ['text we are closing', 'close 1012 restart']);
    client.send('close 1012');
    assert.equal(await closed, 0);
  });

  it('forgets a client that leaves while its handshake is answered', async () => {
    const mayOpen = new Deferred();
    const asked = new Deferred();
    let opened = 0;
    await using server = await startTestServer(
      {
        fetch: async (_request, context) => {
          asked.resolve();
          await mayOpen.promise;
          return context.upgrade({ open: () => (opened += 1) });
        },
      },
      { listen: 'tcp' },
    );
    await using client = await server.client();
    await client.send(
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await asked.promise;
    client.reset();
    await eventually('it is forgotten', () => server.server.connections === 0);
    mayOpen.resolve();
    await later(20);
    assert.equal(opened, 0);
    assert.deepEqual(
      server.log.filter(({ level }) => level !== 'debug'),
      [],
    );
  });
});
