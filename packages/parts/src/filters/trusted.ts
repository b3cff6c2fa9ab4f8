// filters/trusted.ts: whether an address is one of a list: proxies that are believed, clients that are let in.

import { AddressList } from '@appserve/core/peers';

/** `unix` among the words stands for those who have no address. */
export function isAmong(words: readonly string[]): (address: string) => boolean {
  const listed = AddressList.of(words)!;
  return (address) => listed.has(address);
}
