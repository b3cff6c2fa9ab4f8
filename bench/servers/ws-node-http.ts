// The peer that everybody has: ws on node:http, as its README serves it.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type RawData } from 'ws';
import { heapUsed, openSockets } from './answers.ts';

const server = http.createServer((request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain' });
  response.end(request.url === '/heap' ? heapUsed() : openSockets());
});
const webSockets = new WebSocketServer({ server });
webSockets.on('connection', (webSocket) => {
  webSocket.on('message', (message: RawData, isBinary: boolean) => webSocket.send(message, { binary: isBinary }));
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
