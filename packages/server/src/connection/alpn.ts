// connection/alpn.ts: what is spoken over TLS: client and server agree on it in the handshake (RFC 7301).
//
// Law: this table is the only list of such protocols, and `securedDrive` the only place where what was agreed on decides who drives the
// connection.

import type { TLSSocket } from 'node:tls';
import type { Drive } from './context.ts';

/** By their names of RFC 7301 §6, the one that we would rather speak first. */
export const ALPN_PROTOCOLS = ['http/1.1'] as const;

export type AlpnProtocol = (typeof ALPN_PROTOCOLS)[number];

/** What speaks on fresh sockets. */
export interface Drives {
  /** On connections in clear. */
  readonly clear: Drive;
  /** Over TLS, by what is agreed on. Nothing: there is no TLS for what is spoken. */
  readonly secured: { readonly [name in AlpnProtocol]: Drive } | undefined;
}

/** What a client means that offers no protocol: those are older than ALPN. */
const NOTHING_AGREED = 'http/1.1';

/** After the handshake. A client without a protocol of ours has got the alert no_application_protocol in it (§3.2), so there is one. */
export function securedDrive(secured: NonNullable<Drives['secured']>, { alpnProtocol }: TLSSocket): Drive {
  return isAlpnProtocol(alpnProtocol) ? secured[alpnProtocol] : secured[NOTHING_AGREED];
}

/** Of the socket Node says false, or in some versions null, where nothing was agreed on. */
export function isAlpnProtocol(name: unknown): name is AlpnProtocol {
  return (ALPN_PROTOCOLS as readonly unknown[]).includes(name);
}
