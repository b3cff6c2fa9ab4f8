// The peer that everybody has: node:http with the same answer.

import http from 'node:http';
import type { AddressInfo } from 'node:net';

const server = http.createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'X-App': 'bench', 'Content-Length': '13' });
  response.end('Hello, world!');
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
