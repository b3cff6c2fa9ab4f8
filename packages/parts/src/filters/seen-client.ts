// filters/seen-client.ts: puts what a proxy says of the client into the environ, in the place of what the connection says of the proxy.

import type { Environ } from '@appserve/core/app';
import type { Seen } from './forwarded.ts';

const DEFAULT_PORT = { http: '80', https: '443' } as const;

export function see(environ: Environ, { address, scheme, host, port }: Seen): void {
  if (address !== undefined) {
    environ.REMOTE_ADDR = address;
    // Nobody has said it; the port of the proxy is not the client's.
    environ.REMOTE_PORT = '';
  }
  if (scheme !== undefined) setScheme(environ, scheme);
  if (host !== undefined) environ['HTTP_HOST'] = host;
  const named = /:([0-9]+)$/.exec(host ?? '')?.[1];
  const isElsewhere = scheme !== undefined || host !== undefined;
  const told = port ?? named ?? (isElsewhere ? DEFAULT_PORT[environ['wsgi.url_scheme']] : undefined);
  if (told !== undefined) environ.SERVER_PORT = told;
  if (host !== undefined) environ.SERVER_NAME = host.replace(/:[0-9]*$/, '');
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
  const name = host.replace(/:[0-9]*$/, '');
  environ['HTTP_HOST'] = port === DEFAULT_PORT[environ['wsgi.url_scheme']] ? name : `${name}:${port}`;
}
