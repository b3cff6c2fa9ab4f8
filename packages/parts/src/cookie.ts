// cookie.ts: the cookies that a client sends (RFC 6265 §4.2.1).

import type { Environ } from '@appserve/core/app';

/** The first one of that name, as it was sent; nothing where there is none. */
export function cookieOf(environ: Environ, name: string): string | undefined {
  const sent = environ['HTTP_COOKIE'];
  if (typeof sent !== 'string') return undefined;
  for (const pair of sent.split(';')) {
    const at = pair.indexOf('=');
    if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}
