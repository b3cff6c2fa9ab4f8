// The peer that everybody has: node:http with the same answers; with the argument tls, node:https.

import { createReadStream, readFileSync, statSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { BIG_FILE, MIB } from './answers.ts';
import { CERTIFICATE_FILES } from './certificate.ts';

const TEXT = { 'Content-Type': 'text/plain', 'X-App': 'bench' };

function answer(request: IncomingMessage, response: ServerResponse): void {
  switch (request.url ?? '') {
    case '/':
      response.writeHead(200, { 'Content-Type': 'text/plain', 'X-App': 'bench', 'Content-Length': '13' });
      response.end('Hello, world!');
      return;
    case '/post':
      void readWhole(request, response);
      return;
    case '/mib':
      response.writeHead(200, { ...TEXT, 'Content-Length': MIB.length });
      response.end(MIB);
      return;
    case '/file':
      response.writeHead(200, { ...TEXT, 'Content-Length': statSync(BIG_FILE).size });
      // A load generator that has had enough breaks off.
      pipeline(createReadStream(BIG_FILE), response).catch(() => response.destroy());
      return;
    default:
      response.writeHead(404, { ...TEXT, 'Content-Length': 0 }).end();
  }
}

async function readWhole(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const body = String(Buffer.concat(pieces).length);
  response.writeHead(200, { ...TEXT, 'Content-Length': body.length });
  response.end(body);
}

const { certfile, keyfile } = CERTIFICATE_FILES;
const server =
  process.argv[2] === 'tls'
    ? https.createServer({ cert: readFileSync(certfile), key: readFileSync(keyfile) }, answer)
    : http.createServer(answer);
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
