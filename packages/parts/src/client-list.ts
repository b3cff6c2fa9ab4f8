// client-list.ts: a list of addresses and networks, and whether a client is in it.

import { BlockList, isIP } from 'node:net';

/** `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`. Nothing where a word is none of these. */
export function clientList(words: readonly string[]): BlockList | undefined {
  const listed = new BlockList();
  for (const word of words) {
    const [, address = '', prefix] = /^([^/]+)(?:\/([0-9]{1,3}))?$/.exec(word) ?? [];
    const family = isIP(address);
    const bits = family === 6 ? 128 : 32;
    if (family === 0 || (prefix !== undefined && Number(prefix) > bits)) return undefined;
    listed.addSubnet(address, prefix === undefined ? bits : Number(prefix), family === 6 ? 'ipv6' : 'ipv4');
  }
  return listed;
}

/** A client on a unix socket has no address: it is on this machine. An IPv4 address may come in IPv6 clothes. */
export function isListed(listed: BlockList, address: string): boolean {
  const plain = address === '' ? '127.0.0.1' : address.replace(/^::ffff:(?=[0-9.]+$)/i, '');
  const family = isIP(plain);
  return family !== 0 && listed.check(plain, family === 6 ? 'ipv6' : 'ipv4');
}
