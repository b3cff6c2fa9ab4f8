// http-server.ts: a server of one thread that speaks HTTP/1.1.

import type { Handler } from '@appserve/core/exchange';
import type { ResponseStyle } from '@appserve/core/http1';
import type { BackgroundWork } from './background.ts';
import type { Counters } from './connection/counters.ts';
import { driveHttp1 } from './connection/http1.ts';
import type { Logger } from './log.ts';
import type { AccessLog } from './logging/access/answered.ts';
import type { HttpSettings } from './settings.ts';
import { ThreadServer, type Protocol } from './thread-server.ts';
import { WebSockets } from './websocket/web-sockets.ts';

export interface HttpServerOptions {
  /** CONNECT reaches the app, which answers it by `exchange.takeOver()`; otherwise it is refused with 405. */
  readonly allowsConnect?: boolean;
  /** What the app does behind its answers: closing waits for it. */
  readonly background?: BackgroundWork;
  /** Is told of each answer. */
  readonly access?: AccessLog | undefined;
}

export class HttpServer extends ThreadServer {
  constructor(handler: Handler, settings: HttpSettings, log: Logger, options: HttpServerOptions = {}, counters?: Counters) {
    super(handler, settings, log, http1(settings, options), counters, options.background, options.access);
  }
}

function http1(settings: HttpSettings, { allowsConnect = false }: HttpServerOptions): Protocol {
  const style = styleOf(settings);
  const limits = {
    requestLineBytesMax: settings.maxRequestLineBytes,
    headBytesMax: settings.maxHeadSizeBytes,
    fieldsMax: settings.maxNumberHeaders,
    bodyBytesMax: settings.maxBodySizeBytes,
    requestsMax: settings.maxReuseCount + 1,
  };
  const policy = { isSecure: false, allowsConnect };
  const securePolicy = { isSecure: true, allowsConnect };
  return {
    ...(settings.date ? { dated: style } : {}),
    handshakes: settings,
    drives: (context) => {
      const webSockets = new WebSockets(settings, context.log, context.clock, context.ticker);
      const drive = driveHttp1({ ...context, limits, style, policy, securePolicy, webSockets });
      return { clear: drive, secured: { 'http/1.1': drive } };
    },
  };
}

function styleOf({ via, serverHeader, chunkedTransfer }: HttpSettings): ResponseStyle {
  return {
    dateLine: '',
    viaLine: via ? 'Via: 1.1 appserve\r\n' : '',
    serverLine: serverHeader ? 'Server: appserve\r\n' : '',
    chunkedTransfer,
  };
}
