// load-client-process.ts: many clients, or large ones, in a process of their own: what they cost is not the server's, and their
// descriptors are counted apart. Told what to do by load-client.ts.

import net from 'node:net';
import type { Order, Report } from './load-client.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: test\r\n\r\n';
/** What the kernel queues for a server without refusing anybody. */
const CONNECTING_MAX = 100;
const PIECE = Buffer.alloc(64 * 1_024, 'x');

/** One for all: what they hear is not kept. */
const onread = { buffer: Buffer.alloc(64 * 1_024), callback: () => true };

let held: net.Socket[] = [];
let closed = 0;

/** One connection that has been answered once. */
async function hold(port: number): Promise<net.Socket> {
  const socket = await new Promise<net.Socket>((resolve, reject) => {
    let answered = false;
    const made: net.Socket = net.connect({
      port,
      host: '127.0.0.1',
      onread: {
        ...onread,
        callback: () => {
          if (answered) made.emit('answer');
          else resolve(made);
          return (answered = true);
        },
      },
    });
    made.once('connect', () => made.write(REQUEST));
    made.once('error', reject);
    made.once('close', () => {
      closed += 1;
      reject(new Error('closed'));
    });
  });
  return socket;
}

/** So many times, not too many at once. */
async function inLines(count: number, act: () => Promise<void>): Promise<void> {
  let begun = 0;
  const line = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      await act();
    }
  };
  await Promise.all(Array.from({ length: CONNECTING_MAX }, line));
}

async function holdAll(port: number, count: number): Promise<number> {
  await inLines(count, async () => void held.push(await hold(port)));
  return held.length;
}

async function askAll(): Promise<number> {
  let answered = 0;
  await Promise.all(
    held.map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.once('answer', () => {
            answered += 1;
            resolve();
          });
          socket.once('close', resolve);
          socket.write(REQUEST);
        }),
    ),
  );
  return answered;
}

async function untilClosed(): Promise<number> {
  await Promise.all(
    held.map((socket) => new Promise((resolve) => (socket.closed ? resolve(undefined) : socket.once('close', resolve)))),
  );
  return closed;
}

/** Opened, left with a reset (SO_LINGER 0), and forgotten. */
async function reset(port: number, said: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.once('error', reject);
    socket.once('close', resolve);
    // The kernel has what was said before it is told to forget us.
    socket.once('connect', () => (said === '' ? socket.resetAndDestroy() : socket.write(said, () => socket.resetAndDestroy())));
  });
}

async function resetAll(port: number, count: number, said: string): Promise<number> {
  let opened = 0;
  await inLines(count, async () => {
    await reset(port, said);
    opened += 1;
  });
  return opened;
}

async function download(port: number): Promise<number> {
  let bytes = 0;
  const socket = net.connect({ port, host: '127.0.0.1' });
  socket.write(REQUEST);
  for await (const piece of socket) bytes += (piece as Buffer).length;
  return bytes;
}

/** Gives how many bytes of the answer came. */
async function upload(port: number, length: number): Promise<number> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  socket.write(`POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`);
  for (let sent = 0; sent < length; sent += PIECE.length) {
    if (!socket.write(PIECE)) await new Promise((resolve) => socket.once('drain', resolve));
  }
  let bytes = 0;
  for await (const piece of socket) bytes += (piece as Buffer).length;
  return bytes;
}

async function obey(order: Order): Promise<number> {
  switch (order.type) {
    case 'hold':
      return holdAll(order.port, order.count);
    case 'ask':
      return askAll();
    case 'until-closed':
      return untilClosed();
    case 'reset':
      return resetAll(order.port, order.count, order.said);
    case 'download':
      return download(order.port);
    case 'upload':
      return upload(order.port, order.length);
  }
}

process.on('message', (order: Order) => {
  obey(order).then(
    (count) => process.send!({ count } satisfies Report),
    (error: unknown) => process.send!({ error: String(error) } satisfies Report),
  );
});
