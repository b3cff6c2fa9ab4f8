// message/target.ts: the four forms of a request target (RFC 9112 §3.2).

import { Fault } from '../faults.ts';
import { isHost } from './host.ts';

/** The parts of an absolute-form target: `http://authority/path?query`. */
export interface AbsoluteTarget {
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  /** Path and query as sent; `/` where there is no path. */
  readonly rest: string;
}

const ABSOLUTE = /^(https?):\/\/([^/?]*)(.*)$/i;

/**
 * Checks a target that does not begin with "/", and takes an absolute one apart. `undefined`: asterisk-form.
 *
 * Faults: TARGET_INVALID, METHOD_REFUSED (CONNECT), HOST_INVALID.
 */
export function targetWithoutSlash(method: string, target: string): AbsoluteTarget | undefined {
  if (method === 'CONNECT') throw connectFault(method, target);
  if (target === '*') {
    if (method === 'OPTIONS') return undefined;
    throw new Fault('TARGET_INVALID', { why: '* is for OPTIONS only' });
  }
  const [, scheme, authority, rest] = ABSOLUTE.exec(target) ?? [];
  if (scheme === undefined || authority === undefined || rest === undefined) {
    throw new Fault('TARGET_INVALID', { why: 'neither a path nor an http URL' });
  }
  // userinfo is an error in an http URL (RFC 9110 §4.2.4), and so is an empty host (§4.2.1).
  if (authority.includes('@')) throw new Fault('TARGET_INVALID', { why: 'userinfo in the authority' });
  if (authority === '' || authority.startsWith(':') || !isHost(authority)) throw new Fault('HOST_INVALID', { value: authority });
  return { scheme: scheme.toLowerCase() as 'http' | 'https', authority, rest: rest.startsWith('/') ? rest : `/${rest}` };
}

/** An origin server opens no tunnels; the authority is checked first, since a malformed request is a 400 (RFC 9112 §3.2.3). */
function connectFault(method: string, target: string): Fault {
  const isAuthority = /:[0-9]+$/.test(target) && !target.startsWith(':') && isHost(target);
  return isAuthority ? new Fault('METHOD_REFUSED', { method }) : new Fault('TARGET_INVALID', { why: 'CONNECT takes host:port' });
}
