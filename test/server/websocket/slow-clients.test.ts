// Clients that read slowly, and clients that do not read at all. Time is moved on here, and so is everybody's: one test at a time.

import assert from 'node:assert/strict';
import net from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import type { WebSocketConnection } from '@appserve/core/websocket';
import { Deferred } from '../../support/deferred.ts';
import { eventually, turns } from '../../support/eventually.ts';
import { FrameClient, handshake } from '../../support/frame-client.ts';
import { bytesOf } from '../../support/frames.ts';
import { startTestServer, type TestServer } from '../../support/http-server.ts';

const TIMEOUT = { timeout: 120_000 };
const MIB = 1_024 * 1_024;
const MESSAGE_BYTES = 16 * MIB;

/** Moves the time on, and waits until the server has seen that. */
type Pass = (ms: number) => Promise<void>;

function movableTime(t: TestContext): Pass {
  const now = performance.now.bind(performance);
  let aheadMs = 0;
  const { mock } = t.mock.method(performance, 'now', () => now() + aheadMs);
  return async (ms) => {
    aheadMs += ms;
    const calls = mock.callCount();
    while (mock.callCount() === calls) await later(1);
    // A tick that comes late looks at deadlines a turn later.
    await turns(2);
  };
}

interface Story {
  readonly server: TestServer;
  readonly socket: WebSocketConnection;
  /** It reads what it is told to, and nothing else. */
  readonly client: net.Socket;
  readonly end: Promise<number>;
}

async function opened(t: TestContext): Promise<Story> {
  const arrived = new Deferred<WebSocketConnection>();
  const end = new Deferred<number>();
  const server = await startTestServer({
    open: (socket) => arrived.resolve(socket),
    message: (socket, message) => (socket.data = message),
    close: (_socket, code) => end.resolve(code),
  });
  const client = net.connect({ path: String(server.at), allowHalfOpen: true });
  client.on('error', () => undefined);
  t.after(async () => {
    client.destroy();
    await server[Symbol.asyncDispose]();
  });
  client.write(handshake());
  const socket = await arrived.promise;
  return { server, socket, client, end: end.promise };
}

/** Reads so much at least, or up to the end. Gives how much it was. */
async function take(client: net.Socket, bytes: number): Promise<number> {
  let taken = 0;
  while (taken < bytes && !client.readableEnded && !client.destroyed) {
    const piece = client.read() as Buffer | null;
    if (piece === null) await later(1);
    else taken += piece.length;
  }
  return taken;
}

/** Reads a message, 2 MiB at a time, with a rest before each. Gives how much has come. */
async function takeSlowly(client: net.Socket, rest: () => Promise<void>): Promise<number> {
  let taken = 0;
  while (taken < MESSAGE_BYTES) {
    await rest();
    const more = await take(client, Math.min(2 * MIB, MESSAGE_BYTES - taken));
    if (more === 0) break;
    taken += more;
  }
  return taken;
}

describe('a client that reads slowly', TIMEOUT, () => {
  it('has the whole of a message, however long it takes', async (t) => {
    const pass = movableTime(t);
    const { socket, client } = await opened(t);
    socket.send(Buffer.alloc(MESSAGE_BYTES));
    const taken = await takeSlowly(client, () => pass(15_000));
    assert.ok(taken >= MESSAGE_BYTES, `${taken} bytes`);
    assert.equal(socket.isOpen, true);
  });

  it('has it also where the app has closed behind it', async (t) => {
    const pass = movableTime(t);
    const { socket, client, end } = await opened(t);
    socket.send(Buffer.alloc(MESSAGE_BYTES));
    socket.close();
    const taken = await takeSlowly(client, () => pass(4_000));
    assert.ok(taken >= MESSAGE_BYTES, `${taken} bytes`);
    client.end(bytesOf('close 1000'));
    assert.equal(await end, 1000);
  });
});

describe('a client that reads nothing', TIMEOUT, () => {
  it('is left 10 s after it has closed its side, as is who waits for it', async (t) => {
    const pass = movableTime(t);
    const { server, socket, client, end } = await opened(t);
    socket.send(Buffer.alloc(MESSAGE_BYTES));
    const drained = socket.drained();
    client.end();
    await eventually('the server knows', () => !socket.isOpen);
    await pass(5_000);
    assert.equal(server.server.connections, 1);
    await pass(6_000);
    assert.equal(await end, 1006);
    await drained;
  });

  it('is left 10 s after it has said Close', async (t) => {
    const pass = movableTime(t);
    const { socket, client, end } = await opened(t);
    socket.send(Buffer.alloc(MESSAGE_BYTES));
    client.write(bytesOf('close 1000'));
    await eventually('the server knows', () => !socket.isOpen);
    await pass(11_000);
    assert.equal(await end, 1000);
  });
});

describe('a client that sends many pings', TIMEOUT, () => {
  it('has each of them answered', async () => {
    await using server = await startTestServer({ message: () => undefined });
    await using client = await FrameClient.open(server.at);
    const numbers = Array.from({ length: 1_000 }, (_, number) => number);
    client.send(...numbers.map((number) => `ping ${number}`));
    const heard: string[] = [];
    for (const _ of numbers) heard.push(await client.hear());
    assert.deepEqual(
      heard,
      numbers.map((number) => `pong ${number}`),
    );
  });

  it('and does not read has the last of them answered, when it reads again', async (t) => {
    const { socket, client } = await opened(t);
    socket.send(Buffer.alloc(MESSAGE_BYTES));
    client.write(Buffer.concat(Array.from({ length: 10_000 }, (_, number) => bytesOf(`ping ${number}`))));
    client.write(bytesOf('text heard'));
    await eventually('all is heard', () => socket.data === 'heard');
    const waiting = socket.bufferedBytes;
    assert.ok(waiting <= MESSAGE_BYTES + 14, `${waiting} bytes wait`);
    let last = '';
    client.on('data', (bytes: Buffer) => (last = (last + bytes.toString('latin1')).slice(-100))).resume();
    await eventually('the last is answered', () => last.endsWith('\x8a\x049999'));
    assert.doesNotMatch(last, /9998/);
  });
});

describe('a client that does not answer a Close', TIMEOUT, () => {
  it('is left after 10 s, and not asked by pings until then', async (t) => {
    const pass = movableTime(t);
    const { server, socket, end } = await opened(t);
    socket.close();
    await pass(5_000);
    assert.equal(server.server.connections, 1);
    await pass(6_000);
    assert.equal(await end, 1006);
    const [record] = server.log.filter(({ message }) => message.startsWith('WebSocket'));
    assert.match(record?.message ?? '', /^WebSocket of .*: no end behind a close; the connection is cut$/);
  });
});
