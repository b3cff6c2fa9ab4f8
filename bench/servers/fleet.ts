// Two workers with a hello app. The argument is what serve() is told beside that, as JSON.

import type { GatewayApp } from '@appserve/core/app';
import { serve } from '@appserve/server';
import { BODY } from './answers.ts';

const application: GatewayApp = (_environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [BODY];
};

const options = JSON.parse(process.argv[2]!) as object;
const server = await serve(application, { socket: '127.0.0.1:0', workers: 2, logLevel: 'warn', ...options });
console.log(new URL(server.url).port);
