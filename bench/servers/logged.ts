// Ours: a hello app in one worker. The argument is what serve() is told beside that, as JSON.

import type { GatewayApp } from '@appserve/core/app';
import { serve } from '@appserve/server';
import { BODY } from './answers.ts';

const application: GatewayApp = (_environ, startResponse) => {
  startResponse('200 OK', [
    ['Content-Type', 'text/plain'],
    ['X-App', 'bench'],
  ]);
  return [BODY];
};

const options = JSON.parse(process.argv[2]!) as object;
const server = await serve(application, {
  socket: '127.0.0.1:0',
  workers: 1,
  maxReuseCount: 'unlimited',
  logLevel: 'warn',
  ...options,
});
console.log(new URL(server.url).port);
