// filters/addresses-part.ts: options that are addresses: who is believed, who is let in.

import { option, parsed } from '@appserve/core/options';
import { ADDRESS_WORDS, isAddressWord } from '@appserve/core/peers';

/** The words themselves: what they mean is made again in each worker. */
export function addressWords(text: string): readonly string[] | undefined {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  return words.every(isAddressWord) ? words : undefined;
}

export const addresses = parsed(addressWords, ADDRESS_WORDS, 'ADDRESSES');

export const trustedOption = option(
  addresses,
  '127.0.0.1 ::1 unix',
  'The proxies that are believed: addresses and networks, and `unix` for whoever comes by a unix socket.',
);
