// peers/address-list.ts: a list of addresses and networks, and whether somebody is in it.
//
// An IPv4 address is compared as its IPv6 clothes, ::ffff:0:0/96 (RFC 4291 §2.5.5.2): a socket of both families shows it so.

import { addressBytes, addressText } from '../message/address.ts';
import { isHost } from '../message/host.ts';

/** The word for those who have no address: they come by a unix socket. */
const UNIX = 'unix';

/** What options ask for that are such lists. */
export const ADDRESS_WORDS = 'addresses or networks such as 192.0.2.7 or 10.0.0.0/8, or unix for unix sockets';

interface Network {
  readonly bytes: Uint8Array;
  readonly prefixBits: number;
}

export class AddressList {
  readonly #networks: readonly Network[];
  readonly #hasUnix: boolean;

  private constructor(networks: readonly Network[], hasUnix: boolean) {
    this.#networks = networks;
    this.#hasUnix = hasUnix;
  }

  /** `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`, `unix`. Nothing where a word is none of these. */
  static of(words: readonly string[]): AddressList | undefined {
    const networks: Network[] = [];
    for (const word of words) {
      const network = word === UNIX ? undefined : networkOf(word);
      if (network !== undefined) networks.push(network);
      else if (word !== UNIX) return undefined;
    }
    return new AddressList(networks, words.includes(UNIX));
  }

  /** `address`: as a socket tells it, with a zone or without; empty for a unix socket. */
  has(address: string): boolean {
    if (address === '') return this.#hasUnix;
    const bytes = addressBytes(address.replace(/%.*$/, ''));
    if (bytes === undefined) return false;
    const dressed = inIPv6(bytes);
    return this.#networks.some(({ bytes: network, prefixBits }) => sharesPrefix(dressed, network, prefixBits));
  }
}

/** A word of such a list. */
export function isAddressWord(word: string): boolean {
  return word === UNIX || networkOf(word) !== undefined;
}

const EVERYBODY = /^(?:\*|all|any|everybody|everyone)$/i;

/** What is wrong with a word, and what was meant; nothing of one that is right. Stricter than `isAddressWord`: 10.0.0.5/8 is two things. */
export function whyNoAddressWord(word: string): string | undefined {
  if (isAddressWord(word)) return whyNoNetwork(word);
  if (EVERYBODY.test(word)) return 'everybody is 0.0.0.0/0 ::/0';
  if (/^(?:unix:|\/.)/.test(word)) return 'who comes by a unix socket is unix, whichever it is';
  const [, v6, v4, port] = /^(?:\[([^\]]*)\]|([0-9.]+))(:[0-9]+)?$/.exec(word) ?? [];
  const bare = v6 ?? v4 ?? '';
  if (addressBytes(bare) !== undefined) return `${word} has ${port === undefined ? 'brackets' : 'a port'}: write ${bare}`;
  if (/^[A-Za-z]/.test(word) && isHost(word)) return `${word} is a name, and names are not resolved: write its address`;
  return `${word} is none`;
}

/** A prefix leaves bits over that say nothing: one of the two is a slip. */
function whyNoNetwork(word: string): string | undefined {
  const [address = '', prefix] = word.split('/');
  const bytes = addressBytes(address);
  if (bytes === undefined || prefix === undefined) return undefined;
  const first = bytes.map((byte, at) => byte & (0xff00 >> Math.min(8, Math.max(0, Number(prefix) - 8 * at))));
  if (first.every((byte, at) => byte === bytes[at])) return undefined;
  return `${word} is an address in a network: write ${addressText(first)}/${prefix} or ${address}`;
}

function networkOf(word: string): Network | undefined {
  const [, address = '', prefix] = /^([^/]+)(?:\/([0-9]{1,3}))?$/.exec(word) ?? [];
  const bytes = addressBytes(address);
  if (bytes === undefined) return undefined;
  const bits = 8 * bytes.length;
  const prefixBits = prefix === undefined ? bits : Number(prefix);
  return prefixBits > bits ? undefined : { bytes: inIPv6(bytes), prefixBits: prefixBits + 128 - bits };
}

function inIPv6(bytes: Uint8Array): Uint8Array {
  return bytes.length === 16 ? bytes : Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...bytes);
}

function sharesPrefix(one: Uint8Array, other: Uint8Array, bits: number): boolean {
  const whole = bits >> 3;
  for (let at = 0; at < whole; at += 1) if (one[at] !== other[at]) return false;
  const rest = bits & 7;
  return rest === 0 || ((one[whole]! ^ other[whole]!) & (0xff00 >> rest)) === 0;
}
