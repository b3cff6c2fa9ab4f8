// filters/proxy-headers.ts: who the client is, where trusted proxies stand in front.

import type { Environ, Filter, GlobalConf } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { gatewayFilter } from '../gateway-filter.ts';
import { forwardedHops, hopsOf, seenThrough, type Hop } from './forwarded.ts';
import type { proxyHeadersPart } from './proxy-headers-part.ts';
import { see } from './seen-client.ts';
import { isAmong } from './trusted.ts';

const X_FORWARDED = {
  for: 'HTTP_X_FORWARDED_FOR',
  proto: 'HTTP_X_FORWARDED_PROTO',
  host: 'HTTP_X_FORWARDED_HOST',
  port: 'HTTP_X_FORWARDED_PORT',
} as const;
const ALL = [...Object.values(X_FORWARDED), 'HTTP_X_FORWARDED_SERVER', 'HTTP_X_FORWARDED_SCHEME', 'HTTP_FORWARDED'];

/** A `filter_factory`. */
export function proxyHeaders(_globalConf: GlobalConf, { trusted, header }: Settled<typeof proxyHeadersPart.options>): Filter {
  const isTrusted = isAmong(trusted);
  const hopsIn = header === 'forwarded' ? inForwarded : inXForwarded;
  return gatewayFilter((inner) => (environ, startResponse) => {
    const seen = seenThrough(hopsIn(environ), environ.REMOTE_ADDR, isTrusted);
    const kept: readonly string[] =
      seen === undefined ? [] : header === 'forwarded' ? ['HTTP_FORWARDED'] : Object.values(X_FORWARDED);
    for (const name of ALL) if (!kept.includes(name)) delete environ[name];
    if (seen !== undefined) see(environ, seen);
    return inner(environ, startResponse);
  });
}

function inForwarded(environ: Environ): Hop[] {
  const written = environ['HTTP_FORWARDED'];
  return typeof written === 'string' ? forwardedHops(written) : [];
}

function inXForwarded(environ: Environ): Hop[] {
  const text = (name: string): string | undefined => (typeof environ[name] === 'string' ? environ[name] : undefined);
  return hopsOf({
    for: text(X_FORWARDED.for),
    proto: text(X_FORWARDED.proto),
    host: text(X_FORWARDED.host),
    port: text(X_FORWARDED.port),
  });
}
