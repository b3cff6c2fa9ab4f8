// WebSockets that a node app makes itself, with a server of its own: ws on an http.Server that never listens.

import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, it } from 'node:test';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { get } from '../../support/apps.ts';
import { Deferred } from '../../support/deferred.ts';
import { eventually } from '../../support/eventually.ts';
import { FrameClient, handshake } from '../../support/frame-client.ts';
import { bytesOf } from '../../support/frames.ts';
import { startTestServer, type TestServerOptions } from '../../support/http-server.ts';

const TIMEOUT = { timeout: 120_000 };
const LONG_MS = 60_000;

function wsApp(): { readonly app: http.Server; readonly codes: number[] } {
  const app = http.createServer((_request, response) => response.end('no WebSocket'));
  const codes: number[] = [];
  const server = new WebSocketServer({ server: app });
  server.on('connection', (socket) => {
    socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }));
    socket.on('close', (code) => codes.push(code));
  });
  return { app, codes };
}

describe('a server of ws in a node app', TIMEOUT, () => {
  it('works unchanged', async () => {
    await using server = await startTestServer(wsApp().app);
    await using client = await FrameClient.open(server.at);
    client.send('text hello');
    assert.equal(await client.hear(), 'text hello');
  });

  it('has its clients told 1001 when the server stops, and hears of it', async () => {
    const { app, codes } = wsApp();
    await using server = await startTestServer(app);
    await using client = await FrameClient.open(server.at);
    client.send('text hello');
    assert.equal(await client.hear(), 'text hello');
    const closed = server.server.close(LONG_MS);
    assert.equal(await client.hear(), 'close 1001');
    client.send('close 1001');
    assert.equal(await closed, 0);
    await eventually('it is told', () => codes.length === 1);
    assert.deepEqual(codes, [1001]);
  });
});

/** An app that leaves its upgrades to the test. */
function upgrading(): { readonly app: http.Server; readonly asked: Promise<Duplex> } {
  const app = http.createServer((_request, response) => response.end('no WebSocket'));
  const asked = new Deferred<Duplex>();
  app.on('upgrade', (_request, socket: Duplex) => {
    // Heard, so that the socket hears of the end of its client.
    asked.resolve(socket.on('end', () => socket.end()).resume());
  });
  return { app, asked: asked.promise };
}

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';
const GOING_AWAY = '\x88\x02\x03\xe9';

function frame(line: string): Buffer {
  return bytesOf(line.replace(' ', ' unmasked '));
}

for (const listen of ['unix', 'tls'] as const)
  describe(`a node app over ${listen} that has not answered yet when the server stops`, TIMEOUT, () => {
    const options: TestServerOptions = { listen };

    it('has its client told 1001 behind the 101', async () => {
      const { app, asked } = upgrading();
      await using server = await startTestServer(app, options);
      await using client = await server.client();
      await client.send(handshake());
      const socket = await asked;
      const closed = server.server.close(LONG_MS);
      socket.write(SWITCHING.slice(0, 12));
      socket.write(SWITCHING.slice(12));
      const expected = SWITCHING + GOING_AWAY;
      assert.equal(await client.until((text) => text.length >= expected.length), expected);
      client.endSending();
      assert.equal(await closed, 0);
    });

    it('has its client told 1001 behind the 101 also where it is asked on a connection that drains already', async () => {
      const { app, asked } = upgrading();
      await using server = await startTestServer(app, options);
      await using client = await server.client();
      await client.send(get('/'));
      assert.equal((await client.response())?.body, 'no WebSocket');
      const closed = server.server.close(LONG_MS, true);
      await client.send(handshake());
      (await asked).write(SWITCHING);
      const expected = SWITCHING + GOING_AWAY;
      assert.equal(await client.until((text) => text.length >= expected.length), expected);
      client.endSending();
      assert.equal(await closed, 0);
    });

    it('says itself what it has to say where it refuses', async () => {
      const { app, asked } = upgrading();
      await using server = await startTestServer(app, options);
      await using client = await server.client();
      await client.send(handshake());
      const socket = await asked;
      const closed = server.server.close(LONG_MS);
      const refusal = 'HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n';
      socket.write(refusal);
      socket.end('no');
      assert.equal(await client.untilEnd(), `${refusal}no`);
      client.endSending();
      assert.equal(await closed, 0);
    });
  });

describe('a node app that has switched when the server stops', TIMEOUT, () => {
  const REST = frame('continuation rest');

  it('has its client told 1001 behind the message that it is in, not within', async () => {
    const { app, asked } = upgrading();
    await using server = await startTestServer(app);
    const opening = FrameClient.open(server.at);
    const socket = await asked;
    socket.write(SWITCHING + frame('text+ half').toString('latin1'), 'latin1');
    socket.write(REST.subarray(0, 3));
    await using client = await opening;
    const closed = server.server.close(LONG_MS);
    const written = new Deferred();
    // What stands in the same piece comes later.
    socket.write(Buffer.concat([REST.subarray(3), frame('text late')]), () => written.resolve());
    await written.promise;
    for (const line of ['text+ half', 'continuation rest', 'close 1001', 'text late']) assert.equal(await client.hear(), line);
    await client[Symbol.asyncDispose]();
    assert.equal(await closed, 0);
  });

  it('says goodbye alone where it has said it', async () => {
    const { app, asked } = upgrading();
    await using server = await startTestServer(app);
    const opening = FrameClient.open(server.at);
    const socket = await asked;
    socket.write(SWITCHING);
    socket.write(frame('close 4000 enough'));
    await using client = await opening;
    const closed = server.server.close(LONG_MS);
    socket.end();
    for (const line of ['close 4000 enough', 'end']) assert.equal(await client.hear(), line);
    assert.equal(await closed, 0);
  });

  it('writes as before: text in its encoding, and a mistake is thrown where it is made', async () => {
    const { app, asked } = upgrading();
    await using server = await startTestServer(app);
    const opening = FrameClient.open(server.at);
    const socket = await asked;
    socket.write(SWITCHING);
    await using client = await opening;
    socket.setDefaultEncoding('latin1');
    socket.write('\x82\x02\xe9');
    assert.throws(() => socket.write(1), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => socket.write('a', 'latin2' as BufferEncoding), { code: 'ERR_UNKNOWN_ENCODING' });
    const closed = server.server.close(LONG_MS);
    socket.write('\xe8');
    for (const line of ['binary 0xe9e8', 'close 1001']) assert.equal(await client.hear(), line);
    await client[Symbol.asyncDispose]();
    assert.equal(await closed, 0);
  });
});
