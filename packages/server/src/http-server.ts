// http-server.ts: a server of one thread that speaks HTTP/1.1, and HTTP/2 where that is wanted.

import type { Handler } from '@appserve/core/exchange';
import type { ResponseStyle } from '@appserve/core/http1';
import type { Http2Limits } from '@appserve/core/http2';
import type { BackgroundWork } from './background.ts';
import type { Counters } from './connection/counters.ts';
import type { ConnectionContext } from './connection/context.ts';
import { seeingThrough } from './connection/forwarded-facts.ts';
import { driveHttp1, type Http1Context } from './connection/http1.ts';
import { driveHttp2, type Http2Context } from './connection/http2.ts';
import { drivePreface } from './connection/preface.ts';
import { sessionOptions } from './connection/http2-session-options.ts';
import type { Unsaid } from './connection/socket-facts.ts';
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
    super(handler, settings, log, http(settings, options), counters, options.background, options.access);
  }
}

function http(settings: HttpSettings, options: HttpServerOptions): Protocol {
  const style = styleOf(settings);
  return {
    ...(settings.date ? { dated: style } : {}),
    handshakes: settings,
    unsaid: unsaidBy(settings),
    drives: (context) => {
      const http1 = driveHttp1(http1Context(context, settings, style, options));
      const http2 = driveHttp2(http2Context(context, settings, style));
      return { clear: settings.h2c ? drivePreface(context, http1, http2) : http1, secured: { h2: http2, 'http/1.1': http1 } };
    },
  };
}

function http1Context(
  context: ConnectionContext,
  settings: HttpSettings,
  style: ResponseStyle,
  { allowsConnect = false }: HttpServerOptions,
): Http1Context {
  return {
    ...context,
    limits: { ...limitsOf(settings), requestsMax: settings.maxReuseCount + 1 },
    style,
    policy: { isSecure: false, allowsConnect },
    securePolicy: { isSecure: true, allowsConnect },
    seeThrough: seeingThrough(settings, context.log),
    webSockets: new WebSockets(settings, context.log, context.clock, context.ticker),
  };
}

function http2Context(context: ConnectionContext, settings: HttpSettings, style: ResponseStyle): Http2Context {
  return {
    ...context,
    ...sessionOptions(settings),
    limits: limitsOf(settings),
    seeThrough: seeingThrough(settings, context.log),
    style: {
      get dateLine() {
        return style.dateLine;
      },
      server: settings.serverHeader ? 'appserve' : '',
      via: settings.via ? '2.0 appserve' : '',
    },
    requestsMax: settings.http2MaxRequests,
    resetsMax: settings.http2MaxResets,
  };
}

function unsaidBy({ urlScheme, serverName }: HttpSettings): Unsaid {
  return { scheme: urlScheme, called: serverName === undefined ? undefined : { name: serverName } };
}

function limitsOf(settings: HttpSettings): Http2Limits {
  return {
    requestLineBytesMax: settings.maxRequestLineBytes,
    headBytesMax: settings.maxHeadSizeBytes,
    fieldsMax: settings.maxNumberHeaders,
    bodyBytesMax: settings.maxBodySizeBytes,
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
