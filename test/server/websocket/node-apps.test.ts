// WebSockets that a node app makes itself, with a server of its own: ws on an http.Server that never listens.

import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, it } from 'node:test';
import { WebSocketServer } from 'ws';
import { eventually } from '../../support/eventually.ts';
import { FrameClient } from '../../support/frame-client.ts';
import { startTestServer } from '../../support/http-server.ts';

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
