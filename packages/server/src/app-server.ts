// app-server.ts: what a thread gives all of its apps' requests beside the request itself.

import type { GatewayServer } from '@appserve/core/app';
import { BackgroundWork } from './background.ts';
import type { Logger } from './log.ts';
import { ThreadWebSockets, type WebSocketSettings } from './websocket/web-sockets.ts';
import { errorStream } from './workers/error-stream.ts';

export interface AppServer extends GatewayServer {
  readonly background: BackgroundWork;
}

export function appServer(
  facts: Pick<GatewayServer, 'software' | 'multiprocess'>,
  settings: WebSocketSettings,
  log: Logger,
): AppServer {
  return {
    ...facts,
    errors: errorStream(log),
    webSockets: new ThreadWebSockets(settings, log),
    background: new BackgroundWork(log),
  };
}
