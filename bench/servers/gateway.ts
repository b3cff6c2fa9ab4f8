// Ours: a gateway app with the whole environ, two headers of its own and a body made once; one worker, keep-alive.

import type { GatewayApp } from '@appserve/core/app';
import { serve } from '@appserve/server';

const BODY = Buffer.from('Hello, world!');

export const application: GatewayApp = (_environ, startResponse) => {
  startResponse('200 OK', [
    ['Content-Type', 'text/plain'],
    ['X-App', 'bench'],
  ]);
  return [BODY];
};

const server = await serve(application, {
  socket: '127.0.0.1:0',
  workers: 1,
  maxReuseCount: Number.POSITIVE_INFINITY,
  logLevel: 'warn',
});
console.log(new URL(server.url).port);
