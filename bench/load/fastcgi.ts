// fastcgi.ts: FastCGI as a load, since no load generator speaks it: `CONNECTIONS SECONDS PORT`. Each connection asks again as soon as
// it is answered. It prints how many requests were.

import net from 'node:net';
import { AnswerEnds, getRequest } from '../fastcgi-records.ts';

const REQUEST = getRequest(1, '/');

const [connections, seconds, port] = process.argv.slice(2).map(Number) as [number, number, number];
let requests = 0;
for (let opened = 0; opened < connections; opened += 1) {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(REQUEST));
  const ends = new AnswerEnds();
  socket.on('data', (bytes: Buffer) => {
    const { length } = ends.take(bytes);
    requests += length;
    if (length > 0) socket.write(REQUEST);
  });
  socket.once('close', () => {
    console.error('a connection was closed');
    process.exit(1);
  });
}
setTimeout(() => {
  console.log(requests);
  process.exit(0);
}, seconds * 1_000);
