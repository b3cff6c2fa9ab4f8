// filters/prefix.ts: an app below a path that a proxy has given it: paste.deploy.config's PrefixMiddleware, which trusts nobody here
// whom it is not told to.

import { hopsOf, seenThrough } from '@appserve/core/peers';
import { sentPath, type Environ, type Filter, type GlobalConf } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { gatewayFilter } from '../gateway-filter.ts';
import type { Believed } from './believed-part.ts';
import { see, setPort, setScheme } from './seen-client.ts';
import type { prefixPart } from './prefix-part.ts';
import { isAmong } from './trusted.ts';

/** A `filter_factory`. */
export function prefix(_globalConf: GlobalConf, settings: Settled<typeof prefixPart.options>): Filter {
  const { prefix: path, translateForwardedServer, trusted, believe, forcePort, scheme } = settings;
  const isTrusted = isAmong(trusted);
  return gatewayFilter((inner) => (environ, startResponse) => {
    if (translateForwardedServer) translate(environ, isTrusted, believe);
    if (scheme !== undefined) setScheme(environ, scheme);
    if (forcePort !== undefined) setPort(environ, String(forcePort));
    put(environ, path);
    return inner(environ, startResponse);
  });
}

function translate(environ: Environ, isTrusted: (address: string) => boolean, believe: readonly Believed[]): void {
  const text = (word: Believed, ...names: readonly string[]): string | undefined =>
    believe.includes(word) ? names.map((name) => environ[name]).find((value) => typeof value === 'string') : undefined;
  const hops = hopsOf({
    for: text('for', 'HTTP_X_FORWARDED_FOR'),
    proto: text('proto', 'HTTP_X_FORWARDED_SCHEME', 'HTTP_X_FORWARDED_PROTO'),
    host: text('host', 'HTTP_X_FORWARDED_HOST', 'HTTP_X_FORWARDED_SERVER'),
    port: text('port', 'HTTP_X_FORWARDED_PORT'),
  });
  const seen = seenThrough(hops, environ.REMOTE_ADDR, isTrusted);
  if (seen !== undefined) see(environ, seen);
}

/** A proxy that cuts the path off has sent the rest: then RAW_URI says what came, and the whole address has the path in front. */
function put(environ: Environ, path: string): void {
  if (path === '' || environ.PATH_INFO === '*') return;
  const { SCRIPT_NAME: script, PATH_INFO: rest } = environ;
  const isCut = !(rest === path || rest.startsWith(`${path}/`));
  if (isCut) {
    const [mount, sent] = sentPath(environ);
    const query = environ.QUERY_STRING === '' ? '' : `?${environ.QUERY_STRING}`;
    environ.RAW_URI = mount + path + sent + query;
  } else environ.PATH_INFO = rest.slice(path.length);
  environ.SCRIPT_NAME = script + path;
}
