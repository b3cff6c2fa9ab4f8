// filters/client-network.ts: what of an address tells one client from another.

import { isIPv6 } from 'node:net';

/** An IPv4 address as it is; of IPv6 what one customer has to himself. Empty for a unix socket. */
export function clientNetwork(address: string): string {
  return isIPv6(address) ? networkOf(address) : address;
}

/** The first 64 bits, which one customer has to himself: `2001:0DB8::7` -> `2001:db8:0:0`. IPv4 in IPv6 clothes is IPv4. */
function networkOf(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address);
  if (mapped !== null) return mapped[1]!;
  // The last 32 bits may be written as IPv4: they are not of the network.
  const [head = '', tail] = address
    .replace(/%.*$/, '')
    .replace(/[0-9.]*\.[0-9.]*$/, '0:0')
    .split('::', 2);
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - first.length - last.length }, () => '0');
  const groups = [...first, ...zeros, ...last].slice(0, 4);
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}
