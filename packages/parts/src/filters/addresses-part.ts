// filters/addresses-part.ts: options that are addresses: who is believed, who is let in.

import { option, parsed } from '@appserve/core/options';
import { clientList } from '../client-list.ts';

/** The words themselves: what they mean is made again in each worker. */
export function addressWords(text: string): readonly string[] | undefined {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return clientList(words.filter((word) => word !== 'unix')) === undefined ? undefined : words;
}

export const addresses = parsed(addressWords, 'addresses or networks such as 192.0.2.7 or 10.0.0.0/8, or unix', 'ADDRESSES');

export const trustedOption = option(
  addresses,
  '127.0.0.1 ::1 unix',
  'The proxies that are believed: addresses and networks, and `unix` for whoever comes by a unix socket.',
);
