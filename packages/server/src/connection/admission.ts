// connection/admission.ts: which web servers are let in (FastCGI 1.0 §3.2), by their addresses, however these are spelt.

import { BlockList, isIP } from 'node:net';

/** An address that a peer can have: no name, no network, no zone. */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

/** `addresses`: each of them one; everybody is let in where there are none said. A peer of a unix socket has none. */
export function admitting(addresses: readonly string[] | undefined): (remoteAddress: string) => boolean {
  if (addresses === undefined) return () => true;
  const known = new BlockList();
  for (const address of addresses) known.addAddress(address, familyOf(address));
  return (remoteAddress) => {
    const [address = ''] = remoteAddress.split('%');
    return isIP(address) !== 0 && known.check(address, familyOf(address));
  };
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}
