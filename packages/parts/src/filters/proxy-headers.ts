// filters/proxy-headers.ts: who the client is, where trusted proxies stand in front.

import type { Environ, Filter, GlobalConf } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { forwardedHops, hopsOf, seenThrough, type Hop } from '@appserve/core/peers';
import { gatewayFilter } from '../gateway-filter.ts';
import type { Believed } from './believed-part.ts';
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
export function proxyHeaders(_globalConf: GlobalConf, settings: Settled<typeof proxyHeadersPart.options>): Filter {
  const { trusted, header, believe } = settings;
  const isTrusted = isAmong(trusted);
  const isForwarded = header === 'forwarded';
  // An element of Forwarded is whole: who has written one part of it has written all.
  const written: readonly string[] = isForwarded ? ['HTTP_FORWARDED'] : believe.map((word) => X_FORWARDED[word]);
  const hopsIn = isForwarded ? inForwarded : (environ: Environ): Hop[] => inXForwarded(environ, believe);
  return gatewayFilter((inner) => (environ, startResponse) => {
    const seen = seenThrough(hopsIn(environ), environ.REMOTE_ADDR, isTrusted);
    const kept = seen === undefined ? [] : written;
    for (const name of ALL) if (!kept.includes(name)) delete environ[name];
    if (seen !== undefined) see(environ, seen);
    return inner(environ, startResponse);
  });
}

function inForwarded(environ: Environ): Hop[] {
  const written = environ['HTTP_FORWARDED'];
  return typeof written === 'string' ? forwardedHops(written) : [];
}

function inXForwarded(environ: Environ, believe: readonly Believed[]): Hop[] {
  const text = (word: Believed): string | undefined => {
    const value = believe.includes(word) ? environ[X_FORWARDED[word]] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  return hopsOf({ for: text('for'), proto: text('proto'), host: text('host'), port: text('port') });
}
