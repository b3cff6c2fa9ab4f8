// fastcgi-server.ts: a server of one thread that speaks FastCGI with web servers.

import type { Handler } from '@appserve/core/exchange';
import type { BackgroundWork } from './background.ts';
import { admitting } from './connection/admission.ts';
import type { Counters } from './connection/counters.ts';
import { driveFastcgi } from './connection/fastcgi.ts';
import { Places } from './connection/places.ts';
import type { Logger } from './log.ts';
import type { AccessLog } from './logging/access/answered.ts';
import type { FastcgiSettings } from './settings.ts';
import { ThreadServer, type Protocol } from './thread-server.ts';

export class FastcgiServer extends ThreadServer {
  constructor(
    handler: Handler,
    settings: FastcgiSettings,
    log: Logger,
    counters?: Counters,
    background?: BackgroundWork,
    access?: AccessLog,
  ) {
    super(handler, settings, log, fastcgi(settings), counters, background, access);
  }
}

function fastcgi(settings: FastcgiSettings): Protocol {
  const limits = {
    paramsBytesMax: settings.maxParamsSizeBytes,
    paramsMax: settings.maxParams,
    bodyBytesMax: settings.maxBodySizeBytes,
    requestsMax: settings.maxReqsPerConn,
    role: settings.role,
    isMultiplexed: settings.mpxsConns,
    mount: settings.scriptName?.replace(/\/+$/, ''),
    processConnectionsMax: settings.processConnections,
    processRequestsMax: settings.processRequests,
  };
  const requests = new Places(settings.requestsMax);
  const admits = admitting(settings.fastcgiAllow);
  return {
    drives: (context) => ({
      clear: driveFastcgi({ ...context, limits, requests, admits, fullBytes: settings.bufferSizeBytes }),
      secured: undefined,
    }),
  };
}
