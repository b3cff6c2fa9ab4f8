// app/sent-path.ts: the path of an environ as the client has sent it, for who passes a request on.

import { percentDecoded, type Environ } from './environ.ts';

/**
 * SCRIPT_NAME and PATH_INFO as they were sent: from RAW_URI, as long as it still says the same. Decoding cannot be undone: %2F is a
 * slash by then. PEP 3333 has no RAW_URI: an environ of somebody else's is encoded again.
 */
export function sentPath(environ: Environ): readonly [mountPath: string, path: string] {
  const { SCRIPT_NAME: script, PATH_INFO: path, RAW_URI: raw } = environ;
  const rawPath = (raw as string | undefined)?.split('?', 1)[0] ?? '';
  if (path === '*' || rawPath === '*') return ['', '*'];
  if (percentDecoded(rawPath) === script + path) {
    for (let at = 0; at <= rawPath.length; at += 1) {
      if (percentDecoded(rawPath.slice(0, at)) === script && percentDecoded(rawPath.slice(at)) === path)
        return [rawPath.slice(0, at), rawPath.slice(at)];
    }
  }
  return [encoded(script), encoded(path)];
}

/** What may stand in a path as it is (RFC 3986 §3.3); each other char is a byte. */
const NOT_IN_PATH = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/g;

function encoded(path: string): string {
  return path.replaceAll(NOT_IN_PATH, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}
