// Slow sides: what waits, how much is held meanwhile, and when patience ends.

import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, it } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import type { FetchFunction, GatewayApp } from '@appserve/core/app';
import { get, ok } from '../support/apps.ts';
import { eventually, turns } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/http-server.ts';

const TIMEOUT = { timeout: 120_000 };
const LONG_MS = 60_000;
/** Most of this is waiting, which can be done side by side. */
const CONCURRENT = { timeout: 120_000, concurrency: true };
const MIB = 1_024 * 1_024;
const BIG_BYTES = 64 * MIB;
const PIECE_BYTES = 64 * 1_024;
/** What may be under way between two ends: the kernel's buffers of a unix socket, and what both sides hold of it. */
const HELD_BYTES_MAX = 2 * MIB;

const bodyBack: FetchFunction = ({ body }) => new Response(body);

const fourMebibytes: GatewayApp = (_environ, startResponse) => ok(startResponse, 'x'.repeat(4 * MIB));

/** A client of node:http's, which takes and gives bodies in pieces. */
function request(server: TestServer, method: string): http.ClientRequest {
  return http.request({ socketPath: String(server.at), method, path: '/', agent: false });
}

async function responseTo(sent: http.ClientRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', resolve);
    sent.once('error', reject);
  });
}

describe('a big body', TIMEOUT, () => {
  it('goes up at the pace of the app, and nearly nothing of it is held', async () => {
    let sentBytes = 0;
    let receivedBytes = 0;
    let heldBytesMost = 0;
    const app: GatewayApp = async (environ, startResponse) => {
      for (;;) {
        // The client is given time to run ahead, as far as it can.
        await turns(4);
        const piece = await environ['wsgi.input'].read(PIECE_BYTES);
        if (piece.length === 0) break;
        receivedBytes += piece.length;
        heldBytesMost = Math.max(heldBytesMost, sentBytes - receivedBytes);
      }
      return ok(startResponse, String(receivedBytes));
    };
    await using server = await startTestServer(app);
    const sent = request(server, 'POST');
    const piece = Buffer.alloc(PIECE_BYTES, 'x');
    const answered = responseTo(sent);
    for (let at = 0; at < BIG_BYTES; at += PIECE_BYTES) {
      await new Promise<void>((resolve) => sent.write(piece, () => resolve()));
      sentBytes += PIECE_BYTES;
    }
    sent.end();
    assert.equal(await textOf(await answered), String(BIG_BYTES));
    assert.ok(heldBytesMost < HELD_BYTES_MAX, `${heldBytesMost} bytes were held`);
  });

  it('comes down at the pace of the client, and nearly nothing of it is held', async () => {
    let madeBytes = 0;
    let receivedBytes = 0;
    let heldBytesMost = 0;
    const app: GatewayApp = (_environ, startResponse) => {
      startResponse('200 OK', [['Content-Length', String(BIG_BYTES)]]);
      return (function* () {
        for (; madeBytes < BIG_BYTES; madeBytes += PIECE_BYTES) yield Buffer.alloc(PIECE_BYTES, 'x');
      })();
    };
    await using server = await startTestServer(app);
    const sent = request(server, 'GET');
    sent.end();
    for await (const piece of await responseTo(sent)) {
      await turns(4);
      receivedBytes += (piece as Buffer).length;
      heldBytesMost = Math.max(heldBytesMost, madeBytes - receivedBytes);
    }
    assert.equal(receivedBytes, BIG_BYTES);
    assert.ok(heldBytesMost < HELD_BYTES_MAX, `${heldBytesMost} bytes were held`);
  });

  it('goes through a fetch app in both directions', async () => {
    await using server = await startTestServer(bodyBack);
    const sent = request(server, 'POST');
    const answered = responseTo(sent);
    const piece = Buffer.alloc(MIB, 'x');
    const sending = (async () => {
      for (let at = 0; at < 16; at += 1) await new Promise<void>((resolve) => sent.write(piece, () => resolve()));
      sent.end();
    })();
    let receivedBytes = 0;
    for await (const bytes of await answered) receivedBytes += (bytes as Buffer).length;
    await sending;
    assert.equal(receivedBytes, 16 * MIB);
  });
});

async function textOf(response: http.IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

const PARTS = 400;
const PART_BYTES = 8_000;
const ALL_PARTS_BYTES = PARTS * PART_BYTES;

/** An app that does not wait for its client: the kernel has the first parts, the next one is on its way, the others queue behind it. */
const manyParts: GatewayApp = (environ, startResponse) => {
  if (environ.PATH_INFO === '/next') return ok(startResponse, 'next');
  const write = startResponse('200 OK', [['Content-Length', String(ALL_PARTS_BYTES)]]);
  for (let part = 0; part < PARTS; part += 1) void write(Buffer.alloc(PART_BYTES, 'x'));
  return environ.PATH_INFO === '/endless' ? new Promise(() => undefined) : [];
};

describe('a client that reads slowly', CONCURRENT, () => {
  it('makes the app wait: write resolves when it has caught up', async () => {
    let client: http.IncomingMessage | undefined;
    let receivedBytes = 0;
    let receivedWhenWritten = 0;
    const app: GatewayApp = async (_environ, startResponse) => {
      const write = startResponse('200 OK', []);
      await write(Buffer.alloc(1));
      await write(Buffer.alloc(8 * MIB));
      receivedWhenWritten = receivedBytes;
      return [];
    };
    await using server = await startTestServer(app);
    const sent = request(server, 'GET');
    sent.end();
    client = await responseTo(sent);
    for await (const piece of client) receivedBytes += (piece as Buffer).length;
    assert.equal(receivedBytes, 8 * MIB + 1);
    assert.ok(receivedWhenWritten > 4 * MIB, `write resolved when ${receivedWhenWritten} bytes were taken`);
  });

  it('may take longer than send_timeout in all, as long as it takes something', async () => {
    await using server = await startTestServer(fourMebibytes, { sendTimeoutMs: 3_000 });
    const sent = request(server, 'GET');
    sent.end();
    const response = await responseTo(sent);
    let receivedBytes = 0;
    const sinceMs = performance.now();
    // A pause after each quarter of a mebibyte: never three seconds without a byte, also on a busy machine, but longer than that in all.
    for await (const piece of response) {
      const before = receivedBytes;
      receivedBytes += (piece as Buffer).length;
      if (Math.floor(before / (MIB / 4)) !== Math.floor(receivedBytes / (MIB / 4))) await pause(response, 250);
    }
    assert.equal(receivedBytes, 4 * MIB);
    assert.ok(performance.now() - sinceMs > 3_000, 'it took longer than send_timeout');
  });

  it('is not idle while parts of its answer still queue: keepalive_timeout begins behind the last one', async () => {
    await using server = await startTestServer(manyParts, { keepaliveTimeoutMs: 200, sendTimeoutMs: LONG_MS });
    await using client = await server.client();
    client.pause();
    await client.send(get('/'));
    client.resume();
    await client.until((received) => received.length > MIB);
    client.pause();
    // Longer than keepalive_timeout: it is still at its answer.
    await later(600);
    await client.send(get('/next'));
    client.resume();
    assert.equal((await client.response())?.body.length, ALL_PARTS_BYTES);
    assert.equal((await client.response())?.body, 'next');
  });

  it('is cut when it stops in the middle of an answer whose parts queue', async () => {
    await using server = await startTestServer(manyParts, { sendTimeoutMs: 1_000 });
    await using client = await server.client();
    client.pause();
    await client.send(get('/endless'));
    client.resume();
    await client.until((received) => received.length > MIB);
    client.pause();
    await eventually('it is cut', () => server.log.some(({ message }) => message.includes('took no byte for 1000 ms')));
    await eventually('no connection is left', () => server.server.connections === 0);
  });

  it('is cut when it takes nothing for send_timeout', async () => {
    await using server = await startTestServer(fourMebibytes, { sendTimeoutMs: 1_000 });
    await using client = await server.client();
    client.pause();
    await client.send(get('/'));
    await eventually('it is cut', () => server.log.some(({ level }) => level === 'warn'));
    assert.match(
      server.log.find(({ level }) => level === 'warn')!.message,
      /the client took no byte for 1000 ms; the connection is cut$/,
    );
    await eventually('no connection is left', () => server.server.connections === 0);
  });
});

const sixThousand: GatewayApp = (_environ, startResponse) => ok(startResponse, 'x'.repeat(6_000));

describe('clients that read nothing', TIMEOUT, () => {
  it('are let go in the end, however much or little waits for them', async () => {
    await using server = await startTestServer(sixThousand, { keepaliveTimeoutMs: 200, sendTimeoutMs: 1_000 });
    // Around the number of answers that fill the kernel's buffers; for some of them less than 16 KiB is left over.
    for (let answers = 20; answers < 50; answers += 1) {
      const client = await server.client();
      client.pause();
      for (let sent = 0; sent < answers; sent += 1) {
        await client.send(get('/'));
        await turns(2);
      }
    }
    await eventually('no connection is left', () => server.server.connections === 0);
  });
});

/** The slowness itself, not a way to wait for something. */
async function pause(response: http.IncomingMessage, ms: number): Promise<void> {
  response.pause();
  await later(ms);
  response.resume();
}
