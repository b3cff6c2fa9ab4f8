// A WebSocket through a proxy whose server stops: what the upstream says comes in pieces of TCP, which end anywhere in a message.

import assert from 'node:assert/strict';
import type net from 'node:net';
import { describe, it } from 'node:test';
import { Deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { FrameClient } from '../support/frame-client.ts';
import { bytesOf } from '../support/frames.ts';
import { siteOf, type Site } from '../support/parts.ts';
import { upstreamThat } from '../support/upstream.ts';

const TIMEOUT = { timeout: 120_000 };
const LONG_MS = 60_000;
const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';

function proxyTo(port: number): Promise<Site> {
  return siteOf(['[app:main]', 'use = @appserve/parts#proxy', `address = http://127.0.0.1:${port}`], { listen: 'tcp' });
}

describe('a WebSocket through a proxy that stops', TIMEOUT, () => {
  it('is closed with 1001 behind the message that is under way, and the upstream hears the answer', async () => {
    const asked = new Deferred<net.Socket>();
    await using upstream = await upstreamThat((socket) => asked.resolve(socket));
    await using site = await proxyTo(upstream.port);
    const opening = FrameClient.open(site.server.at);
    const socket = await asked.promise;
    const message = bytesOf('binary unmasked x*300000');
    socket.write(SWITCHING);
    await using client = await opening;
    socket.write(message.subarray(0, 100_000));
    await client.receives(100_000);
    const closed = site.server.server.close(LONG_MS);
    socket.write(message.subarray(100_000));
    for (const line of ['binary x*300000', 'close 1001']) assert.equal(await client.hear(), line);
    const answer = bytesOf('close 1001');
    client.sendBytes(answer);
    await eventually('the upstream hears it', () => upstream.heard[0]!.endsWith(answer.toString('latin1')));
    socket.end(bytesOf('close unmasked 1001'));
    assert.equal(await closed, 0);
  });

  it('is closed with 1001 behind the 101, where the upstream has not answered yet', async () => {
    const asked = new Deferred<net.Socket>();
    await using upstream = await upstreamThat((socket) => asked.resolve(socket));
    await using site = await proxyTo(upstream.port);
    const opening = FrameClient.open(site.server.at);
    const socket = await asked.promise;
    const closed = site.server.server.close(LONG_MS);
    socket.write(SWITCHING);
    await using client = await opening;
    assert.match(client.head, /^HTTP\/1\.1 101 /);
    assert.equal(await client.hear(), 'close 1001');
    await client[Symbol.asyncDispose]();
    assert.equal(await closed, 0);
  });
});
