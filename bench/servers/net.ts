// What a socket costs without any HTTP: one fixed buffer for every 'data'. It would fail at the second packet of a request.

import net, { type AddressInfo } from 'node:net';

const HEAD =
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-App: bench\r\nContent-Length: 13\r\nDate: Sat, 21 Nov 2026 08:00:00 GMT\r\n\r\n';
const ANSWER = Buffer.from(`${HEAD}Hello, world!`);

const server = net.createServer({ noDelay: true }, (socket) => {
  socket.on('data', () => socket.write(ANSWER));
  // A client that leaves without a word is none of this program's business.
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
