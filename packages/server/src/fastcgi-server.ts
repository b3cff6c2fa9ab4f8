// fastcgi-server.ts: a server of one thread that speaks FastCGI with web servers.

import type { ConnectionFacts, Handler } from '@appserve/core/exchange';
import type { BackgroundWork } from './background.ts';
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
  // What the thread has of the connections, it has of the requests.
  const share = Math.max(1, Math.floor((settings.processRequests * settings.maxConnections) / settings.processConnections));
  const requests = new Places(share);
  const admits = admitting(settings.fastcgiAllow);
  return { drive: (context) => driveFastcgi({ ...context, limits, requests, admits, fullBytes: settings.bufferSizeBytes }) };
}

function admitting(addresses: readonly string[] | undefined): (facts: ConnectionFacts) => boolean {
  if (addresses === undefined) return () => true;
  const known = new Set(addresses.map(plainAddress));
  return ({ remoteAddress }) => known.has(plainAddress(remoteAddress));
}

/** An IPv4 address is the same on a socket of IPv6. */
function plainAddress(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=[0-9.]+$)/, '');
}
