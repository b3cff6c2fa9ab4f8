// workers/server-of.ts: the server of a worker, by what it shall speak.

import type { Handler } from '@appserve/core/exchange';
import type { BackgroundWork } from '../background.ts';
import type { Counters } from '../connection/counters.ts';
import { FastcgiServer } from '../fastcgi-server.ts';
import { HttpServer } from '../http-server.ts';
import type { Logger } from '../log.ts';
import type { FastcgiSettings, HttpSettings } from '../settings.ts';
import type { ThreadServer } from '../thread-server.ts';

export function serverOf(
  handler: Handler,
  settings: HttpSettings | FastcgiSettings,
  log: Logger,
  counters: Counters | undefined,
  background: BackgroundWork,
): ThreadServer {
  return settings.protocol === 'fastcgi'
    ? new FastcgiServer(handler, settings, log, counters, background)
    : new HttpServer(handler, settings, log, { background }, counters);
}
