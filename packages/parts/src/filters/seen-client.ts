// filters/seen-client.ts: puts what a proxy says of the client into the environ, in the place of what the connection says of the proxy.

import type { Environ } from '@appserve/core/app';
import { withoutPort } from '@appserve/core/message';
import { DEFAULT_PORT, toldPort, type Seen } from '@appserve/core/peers';

export function see(environ: Environ, seen: Seen): void {
  const { address, scheme, host } = seen;
  if (address !== undefined) {
    environ.REMOTE_ADDR = address;
    // Nobody has said it; the port of the proxy is not the client's.
    environ.REMOTE_PORT = '';
  }
  if (scheme !== undefined) setScheme(environ, scheme);
  if (host !== undefined) environ['HTTP_HOST'] = host;
  const told = toldPort(seen, environ['wsgi.url_scheme']);
  if (told !== undefined) environ.SERVER_PORT = told;
  if (host !== undefined) environ.SERVER_NAME = withoutPort(host);
}

export function setScheme(environ: Environ, scheme: 'http' | 'https'): void {
  environ['wsgi.url_scheme'] = scheme;
  if (scheme === 'https') environ.HTTPS = 'on';
  else delete environ.HTTPS;
}

/** The port in the Host too, where it is not what the scheme has: addresses are made of that. */
export function setPort(environ: Environ, port: string): void {
  environ.SERVER_PORT = port;
  const host = environ['HTTP_HOST'];
  if (typeof host !== 'string') return;
  const name = withoutPort(host);
  environ['HTTP_HOST'] = port === DEFAULT_PORT[environ['wsgi.url_scheme']] ? name : `${name}:${port}`;
}
