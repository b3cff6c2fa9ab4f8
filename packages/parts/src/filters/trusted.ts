// filters/trusted.ts: whether an address is one of a list: proxies that are believed, clients that are let in.

import { isIP } from 'node:net';
import { clientList, isListed } from '../client-list.ts';

/** `unix` among the words stands for those who have no address. */
export function isAmong(words: readonly string[]): (address: string) => boolean {
  const hasUnix = words.includes('unix');
  const listed = clientList(words.filter((word) => word !== 'unix'))!;
  return (address) => (address === '' ? hasUnix : isListed(listed, address));
}

/** The address of `192.0.2.7:8080`, `[2001:db8::7]`, `2001:db8::7`; nothing where it is none. */
export function addressOf(written: string): string | undefined {
  const [, bare] = /^\[([^\]]*)\](?::[0-9]{1,5})?$/.exec(written) ?? /^([0-9.]+):[0-9]{1,5}$/.exec(written) ?? [];
  const address = bare ?? written;
  return isIP(address) === 0 || address.includes('%') ? undefined : address;
}
