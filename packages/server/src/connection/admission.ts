// connection/admission.ts: which web servers are let in (FastCGI 1.0 §3.2), by their addresses, however these are spelt.

import { isIP } from 'node:net';
import { AddressList } from '@appserve/core/peers';

/** An address that a peer can have: no name, no network, no zone. */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

/** `addresses`: each of them one; everybody is let in where there are none said. A peer of a unix socket has none. */
export function admitting(addresses: readonly string[] | undefined): (remoteAddress: string) => boolean {
  if (addresses === undefined) return () => true;
  const known = AddressList.of(addresses)!;
  return (remoteAddress) => known.has(remoteAddress);
}
