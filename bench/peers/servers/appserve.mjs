// Ours. The third argument is the contract: gateway, fetch, light fetch or node.

import { BYTES, fetchAnswer, PORT, WORKERS } from './answers.mjs';
import { serve } from '@appserve/server';

const APPS = {
  gateway: (environ, startResponse) => {
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return [BYTES[environ.PATH_INFO]];
  },
  fetch: { fetch: fetchAnswer },
  node: (request, response) => {
    const bytes = BYTES[request.url];
    response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': bytes.length }).end(bytes);
  },
};

const [isLight, contract] = /^(light )?(.*)$/.exec(process.argv[4]).slice(1);
await serve(APPS[contract], {
  socket: `127.0.0.1:${PORT}`,
  workers: WORKERS,
  maxReuseCount: 'unlimited',
  keepaliveTimeoutMs: 60_000,
  lightFetch: isLight !== undefined,
  logLevel: 'warn',
});
