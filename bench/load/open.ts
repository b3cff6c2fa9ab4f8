// A program: opens connections and keeps them. `open.js PORT COUNT [websocket]`: prints "open" when each has had an answer; then, for each line
// on its standard input: `wake`: asks on all of them at once, and prints how many milliseconds the last answer took; `count`: prints
// how many are still open.

import net, { type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { openWebSocket, pingPong } from './websocket-client.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: bench\r\n\r\n';
/** At a time: a listening socket has a queue. */
const BATCH = 200;

const [port, count] = process.argv.slice(2, 4).map(Number) as [number, number];
const isWebSocket = process.argv[4] === 'websocket';
const sockets: Socket[] = [];

async function connect(): Promise<void> {
  if (isWebSocket) {
    sockets.push(await openWebSocket(port));
    return;
  }
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  sockets.push(socket);
  await ask(socket);
}

/** An answer is here when its head and its 13 bytes are: they come in one piece. */
async function ask(socket: Socket): Promise<void> {
  if (socket.destroyed) throw new Error('a connection was closed');
  const answered = new Promise<void>((resolve, reject) => {
    socket.once('data', () => resolve()).once('close', () => reject(new Error('a connection was closed')));
  });
  socket.write(REQUEST);
  await answered;
  socket.removeAllListeners('close');
}

for (let opened = 0; opened < count; opened += BATCH) {
  await Promise.all(Array.from({ length: Math.min(BATCH, count - opened) }, connect));
}
console.log('open');
for await (const line of createInterface(process.stdin)) {
  if (line === 'count') {
    console.log(String(sockets.filter(({ destroyed }) => !destroyed).length));
    continue;
  }
  const sinceMs = performance.now();
  await Promise.all(sockets.map((socket) => (isWebSocket ? pingPong(socket, () => false) : ask(socket))));
  console.log(String(performance.now() - sinceMs));
}
process.exit();
