// filters/rate-limit.ts: 429 for whoever asks too often (RFC 6585 §4).

import { isIPv6 } from 'node:net';
import type { Environ, Filter, GlobalConf } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { gatewayFilter } from '../gateway-filter.ts';
import { plainAnswer } from '../plain-answer.ts';
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
  const { REMOTE_ADDR: address } = environ;
  return isIPv6(address) ? networkOf(address) : address;
}

/** The first 64 bits, which one customer has to himself: `2001:0DB8::7` -> `2001:db8:0:0`. IPv4 in IPv6 clothes is IPv4. */
function networkOf(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address);
  if (mapped !== null) return mapped[1]!;
  // The last 32 bits may be written as IPv4: they are not of the network.
  const [head = '', tail] = address
    .replace(/%.*$/, '')
    .replace(/[0-9.]*\.[0-9.]*$/, '0:0')
    .split('::', 2);
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - first.length - last.length }, () => '0');
  const groups = [...first, ...zeros, ...last].slice(0, 4);
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}
