// filters/rate-limit.ts: 429 for whoever asks too often (RFC 6585 §4).

import type { Environ, Filter, GlobalConf } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { gatewayFilter } from '../gateway-filter.ts';
import { plainAnswer } from '../plain-answer.ts';
import { clientNetwork } from './client-network.ts';
import type { rateLimitPart } from './rate-limit-part.ts';
import { Rates } from './rates.ts';

/** A longer key is as good as its beginning; the table stays small. */
const KEY_MAX = 128;

/** A `filter_factory`. */
export function rateLimit(_globalConf: GlobalConf, settings: Settled<typeof rateLimitPart.options>): Filter {
  const { requests, perMs, header, maxClients } = settings;
  const rates = new Rates(requests, perMs, maxClients);
  const variable = header === undefined ? undefined : `HTTP_${header.toUpperCase().replaceAll('-', '_')}`;
  return gatewayFilter((inner) => (environ, startResponse) => {
    const waitMs = rates.take(clientOf(environ, variable), performance.now());
    if (waitMs === 0) return inner(environ, startResponse);
    return plainAnswer(startResponse, 429, [['Retry-After', String(Math.ceil(waitMs / 1_000))]]);
  });
}

function clientOf(environ: Environ, variable: string | undefined): string {
  const key = variable === undefined ? undefined : environ[variable];
  if (typeof key === 'string') return `key ${key.slice(0, KEY_MAX)}`;
  return clientNetwork(environ.REMOTE_ADDR);
}
