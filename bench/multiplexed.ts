// multiplexed.ts: many FastCGI requests at once on one connection, the first of which waits until it is told to go on.

import net from 'node:net';
import { AnswerEnds, getRequest } from './fastcgi-records.ts';

const SLOW_ID = 1;
/** If the others have not come by then, they wait for the slow one. */
const WITHIN_MS = 10_000;

export interface Multiplexed {
  /** How many of the others were answered before the slow one. */
  readonly answered: number;
  readonly othersMs: number;
}

/** Asks for `/slow`, then `count - 1` times for `/`, then for `/release`. */
export async function multiplexed(port: number, count: number): Promise<Multiplexed> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  const ends = new AnswerEnds();
  const order: number[] = [];
  let wake: () => void = () => undefined;
  socket.on('data', (bytes: Buffer) => {
    order.push(...ends.take(bytes));
    wake();
  });
  socket.on('error', () => socket.destroy());
  const deadline = setTimeout(() => socket.destroy(), WITHIN_MS);
  const until = async (isEnough: () => boolean): Promise<void> => {
    while (!isEnough() && !socket.destroyed) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        socket.once('close', () => resolve());
      });
    }
  };
  socket.setMaxListeners(0);
  const sinceMs = performance.now();
  socket.write(Buffer.concat(Array.from({ length: count }, (_, index) => getRequest(index + 1, index === 0 ? '/slow' : '/'))));
  await until(() => order.length >= count - 1);
  const othersMs = performance.now() - sinceMs;
  socket.write(getRequest(count + 1, '/release'));
  await until(() => order.includes(SLOW_ID));
  clearTimeout(deadline);
  socket.destroy();
  return { answered: order.indexOf(SLOW_ID) === -1 ? 0 : order.slice(0, order.indexOf(SLOW_ID)).filter((id) => id <= count).length, othersMs };
}
