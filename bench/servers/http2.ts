// One small answer over HTTP/2 in clear: by appserve, or by node:http2 alone, as the first argument says.

import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { GatewayApp } from '@appserve/core/app';
import { createHttpServer } from '@appserve/server';
import { BODY } from './answers.ts';

const application: GatewayApp = (_environ, startResponse) => {
  startResponse('200 OK', [
    ['Content-Type', 'text/plain'],
    ['X-App', 'bench'],
  ]);
  return [BODY];
};

const FIELDS = { 'content-type': 'text/plain', 'x-app': 'bench', 'content-length': String(BODY.length) };

if (process.argv[2] === 'appserve') {
  const server = await createHttpServer(application, { h2c: true, logLevel: 'warn' });
  const address = await server.listen('127.0.0.1:0');
  console.log(address.type === 'tcp' ? address.port : '');
} else {
  const server = http2.createServer();
  if (process.argv[2] === 'compatible') {
    server.on('request', (_request, response) => {
      response.writeHead(200, FIELDS);
      response.end(BODY);
    });
  } else {
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200, ...FIELDS });
      stream.end(BODY);
    });
  }
  server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
}
