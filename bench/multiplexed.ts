// multiplexed.ts: many FastCGI requests at once on one connection, the first of which waits until it is told to go on.

import { once } from 'node:events';
import net from 'node:net';
import { AnswerEnds, getRequest } from './fastcgi-records.ts';

const SLOW_ID = 1;
/** If the others have not come by then, they wait for the slow one. */
const WITHIN_MS = 40_000;

export interface Multiplexed {
  /** How many of the others were answered before the slow one. */
  readonly answered: number;
  readonly othersMs: number;
}

/** Asks for `/slow`, then `count - 1` times for `/`, then for `/release`. */
export async function multiplexed(port: number, count: number): Promise<Multiplexed> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  const signal = AbortSignal.timeout(WITHIN_MS);
  const ends = new AnswerEnds();
  const order: number[] = [];
  try {
    await once(socket, 'connect', { signal });
    const sinceMs = performance.now();
    socket.write(Buffer.concat(Array.from({ length: count }, (_, index) => getRequest(index + 1, index === 0 ? '/slow' : '/'))));
    while (order.length < count - 1) order.push(...ends.take(await nextBytes(socket, signal)));
    const othersMs = performance.now() - sinceMs;
    socket.write(getRequest(count + 1, '/release'));
    while (!order.includes(SLOW_ID)) order.push(...ends.take(await nextBytes(socket, signal)));
    return { answered: order.slice(0, order.indexOf(SLOW_ID)).filter((id) => id <= count).length, othersMs };
  } finally {
    socket.destroy();
  }
}

async function nextBytes(socket: net.Socket, signal: AbortSignal): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read() as Buffer | null;
    if (bytes !== null) return bytes;
    await once(socket, 'readable', { signal });
    if (socket.readableEnded) throw new Error('the connection was closed');
  }
}
