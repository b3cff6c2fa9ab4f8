// app/request-url.ts: the URL of a request, as WHATWG writes it, without making a URL object for each.
//
// Law: what comes out is what `new URL(...).href` would give. Hosts repeat, so each is asked about once; a path that any reader would
// write the same goes as it is.

import { ownText } from '../bytes.ts';
import { Fault } from '../faults.ts';
import type { ConnectionFacts, Exchange } from '../exchange/exchange.ts';

/** Faults: HOST_INVALID: what RFC 9110 lets be a host is not all that a URL can hold: 1.2.3.4.5. */
export function urlOf({ head, connection }: Exchange): string {
  const origin = originOf(connection, head.fields.get('host'));
  // Empty at the very path of a mount, with or without a query: a URL has a slash there.
  const path = head.pathAndQuery.startsWith('/') ? head.pathAndQuery : `/${head.pathAndQuery}`;
  return isPlain(path) ? origin + path : new URL(origin + path).href;
}

/** None of these is written in another way, neither in a path nor in a query. */
const PLAIN = /^[A-Za-z0-9\-._~!$&()*+,;=:@%/?]*$/;
/** `/../` and its like, also with percent signs, are resolved. */
const DOT_SEGMENT = /\/(?:\.|%2e)/i;

function isPlain(path: string): boolean {
  return PLAIN.test(path) && !DOT_SEGMENT.test(path);
}

// Names come from clients, so the cache is bounded; what does not fit is asked about again.
const origins = new Map<string, string>();
const ORIGINS_MAX = 1_000;

function originOf(connection: ConnectionFacts, host: string | undefined): string {
  // No host, or an empty one: the target has no authority (RFC 9112 §3.2), so it is ours.
  const authority = host === undefined || host === '' ? ownAuthority(connection) : host;
  const asked = `${connection.scheme}://${authority}`;
  const known = origins.get(asked);
  if (known !== undefined) return known;
  if (!URL.canParse(asked)) throw new Fault('HOST_INVALID', { value: authority });
  const { origin } = new URL(asked);
  if (origins.size < ORIGINS_MAX) origins.set(ownText(asked), ownText(origin));
  return origin;
}

function ownAuthority({ localAddress, localPort, called }: ConnectionFacts): string {
  if (localPort === '') return called?.name ?? 'localhost';
  const name = called?.name ?? (localAddress.includes(':') ? `[${localAddress}]` : localAddress);
  return `${name}:${called?.port ?? localPort}`;
}
