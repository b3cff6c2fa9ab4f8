// node:http; with more than one worker by node:cluster, as pm2 runs it too.

import cluster from 'node:cluster';
import http from 'node:http';
import { BYTES, PORT, WORKERS } from './answers.mjs';

if (WORKERS > 1 && cluster.isPrimary) {
  for (let count = 0; count < WORKERS; count += 1) cluster.fork();
} else {
  const server = http.createServer((request, response) => {
    const bytes = BYTES[request.url];
    response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': bytes.length }).end(bytes);
  });
  server.keepAliveTimeout = 60_000;
  server.listen(PORT, '127.0.0.1');
}
