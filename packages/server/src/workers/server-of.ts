// workers/server-of.ts: the server of a worker, by what it shall speak. The engine of the other protocol is not loaded.

import type { Handler } from '@appserve/core/exchange';
import type { BackgroundWork } from '../background.ts';
import type { Counters } from '../connection/counters.ts';
import type { Logger } from '../log.ts';
import type { AccessLog } from '../logging/access/answered.ts';
import type { FastcgiSettings, HttpSettings } from '../settings.ts';
import type { ThreadServer } from '../thread-server.ts';

export async function serverOf(
  handler: Handler,
  settings: HttpSettings | FastcgiSettings,
  log: Logger,
  counters: Counters | undefined,
  background: BackgroundWork,
  access: AccessLog | undefined,
): Promise<ThreadServer> {
  if (settings.protocol === 'fastcgi') {
    const { FastcgiServer } = await import('../fastcgi-server.ts');
    return new FastcgiServer(handler, settings, log, counters, background, access);
  }
  const { HttpServer } = await import('../http-server.ts');
  return new HttpServer(handler, settings, log, { background, access }, counters);
}
