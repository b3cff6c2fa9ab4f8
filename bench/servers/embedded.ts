// Ours in one thread, one and the same app: `http` or `fastcgi`, on a port (127.0.0.1:0) or a unix socket. It prints which.

import type { GatewayApp } from '@appserve/core/app';
import { createFastcgiServer, createHttpServer } from '@appserve/server';
import { BODY } from './answers.ts';

/** One request waits for the other. */
let release: (() => void) | undefined;

const application: GatewayApp = (environ, startResponse) => {
  startResponse('200 OK', [
    ['Content-Type', 'text/plain'],
    ['X-App', 'bench'],
  ]);
  switch (environ.PATH_INFO) {
    case '/slow':
      return new Promise((resolve) => {
        release = () => resolve([BODY]);
      });
    case '/release':
      release?.();
      return [BODY];
    default:
      return [BODY];
  }
};

const CREATE = {
  // What the configuration of a site behind nginx has: nobody is told twice who serves.
  http: () => createHttpServer(application, { logLevel: 'warn' }),
  fastcgi: () => createFastcgiServer(application, { logLevel: 'warn' }),
} as const;

const [protocol, address] = process.argv.slice(2) as [keyof typeof CREATE, string];
const server = await CREATE[protocol]();
const bound = await server.listen(address);
console.log(bound.type === 'unix' ? bound.path : bound.port);
