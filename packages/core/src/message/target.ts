// message/target.ts: the four forms of a request target (RFC 9112 §3.2).

import { Fault } from '../faults.ts';
import { isHost } from './host.ts';

/** A target that is no path, taken apart. */
export interface OtherTarget {
  /** `/path?query` of an absolute target, `*`, or nothing for CONNECT. */
  readonly pathAndQuery: string;
  /** Of an absolute target: it takes the place of Host. */
  readonly authority: string | undefined;
}

/** What kind of connection the target came by, and whether tunnels are opened on it. */
export interface TargetPolicy {
  readonly isSecure: boolean;
  readonly allowsConnect: boolean;
}

const ABSOLUTE = /^(https?):\/\/([^/?]*)(.*)$/i;

/**
 * Checks a target that does not begin with "/", or comes with CONNECT.
 *
 * Faults: TARGET_INVALID, METHOD_REFUSED (CONNECT), HOST_INVALID, MISDIRECTED.
 */
export function otherTarget(method: string, target: string, policy: TargetPolicy): OtherTarget {
  if (method === 'CONNECT') return connectTarget(target, policy);
  if (target === '*') {
    if (method === 'OPTIONS') return { pathAndQuery: '*', authority: undefined };
    throw new Fault('TARGET_INVALID', { why: '* is for OPTIONS only' });
  }
  const [, scheme, authority, rest] = ABSOLUTE.exec(target) ?? [];
  if (scheme === undefined || authority === undefined || rest === undefined) {
    throw new Fault('TARGET_INVALID', { why: 'neither a path nor an http URL' });
  }
  // userinfo is an error in an http URL (RFC 9110 §4.2.4), and so is an empty host (§4.2.1).
  if (authority.includes('@')) throw new Fault('TARGET_INVALID', { why: 'userinfo in the authority' });
  if (authority === '' || !isHost(authority)) throw new Fault('HOST_INVALID', { value: authority });
  // RFC 9110 §7.4: a request for https that comes in clear was meant for somebody else.
  if (scheme.toLowerCase() === 'https' && !policy.isSecure) throw new Fault('MISDIRECTED', { target });
  return { pathAndQuery: pathOf(method, rest), authority };
}

/** No path is the same as "/", but for OPTIONS: there it is the whole server, as "*" is (RFC 9110 §4.2.3, RFC 9112 §3.2.4). */
function pathOf(method: string, rest: string): string {
  if (rest === '' && method === 'OPTIONS') return '*';
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** The authority is checked first, since a malformed request is a 400 (RFC 9112 §3.2.3); then an origin server opens no tunnels. */
function connectTarget(target: string, { allowsConnect }: TargetPolicy): OtherTarget {
  const isAuthority = /:[0-9]+$/.test(target) && isHost(target);
  if (!isAuthority) throw new Fault('TARGET_INVALID', { why: 'CONNECT takes host:port' });
  if (!allowsConnect) throw new Fault('METHOD_REFUSED', { method: 'CONNECT' });
  return { pathAndQuery: '', authority: undefined };
}
