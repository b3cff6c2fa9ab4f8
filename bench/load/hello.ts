// hello.ts: one and the same load for HTTP and FastCGI, which no load generator speaks: `PROTOCOL CONNECTIONS SECONDS PORT`. Each
// connection asks again as soon as it is answered. It prints how many requests were.

import net from 'node:net';
import { AnswerEnds, getRequest } from '../fastcgi-records.ts';
import { BODY } from '../servers/answers.ts';

interface Protocol {
  readonly request: Uint8Array;
  /** For one connection: whether the answer ends with these bytes. */
  readonly reader: () => (bytes: Buffer) => boolean;
}

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  http: {
    request: Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1:40000\r\n\r\n'),
    reader: () => (bytes) => bytes.subarray(-BODY.length).equals(BODY),
  },
  fastcgi: {
    request: getRequest(1, '/'),
    reader: () => {
      const ends = new AnswerEnds();
      return (bytes) => ends.take(bytes).length > 0;
    },
  },
};

const [protocol = '', ...numbers] = process.argv.slice(2);
const [connections, seconds, port] = numbers.map(Number) as [number, number, number];
const { request, reader } = PROTOCOLS[protocol]!;
let requests = 0;
for (let opened = 0; opened < connections; opened += 1) {
  const isEnd = reader();
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(request));
  socket.on('data', (bytes: Buffer) => {
    if (!isEnd(bytes)) return;
    requests += 1;
    socket.write(request);
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
