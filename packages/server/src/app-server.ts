// app-server.ts: what a thread gives all of its apps' requests beside the request itself.

import type { GatewayServer } from '@appserve/core/app';
import { BackgroundWork } from './background.ts';
import type { Logger } from './log.ts';
import { errorStream } from './workers/error-stream.ts';

export interface AppServer extends GatewayServer {
  readonly background: BackgroundWork;
}

export function appServer(facts: Pick<GatewayServer, 'software' | 'multiprocess'>, log: Logger): AppServer {
  return { ...facts, errors: errorStream(log), background: new BackgroundWork(log) };
}
