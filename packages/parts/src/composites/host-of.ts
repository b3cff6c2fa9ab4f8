// composites/host-of.ts: which host a client has asked for.

import type { Environ } from '@appserve/core/app';

/** In lower case, without the dot that may end it; the port of the scheme where none is said. */
export function hostOf(environ: Environ): { readonly name: string; readonly port: string } {
  const written = (environ['HTTP_HOST'] as string | undefined) ?? environ.SERVER_NAME;
  // Behind an IPv6 address, which has colons of its own, or a name.
  const [, name = written, port] = /^(\[[^\]]*\]|[^:]*):([0-9]*)$/.exec(written) ?? [];
  const usual = environ['wsgi.url_scheme'] === 'https' ? '443' : '80';
  return { name: name.toLowerCase().replace(/\.$/, ''), port: port === undefined || port === '' ? usual : port };
}
