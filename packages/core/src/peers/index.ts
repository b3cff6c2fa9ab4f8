// The face of this folder: who is at the other end, by addresses, and by what proxies say.

export { ADDRESS_WORDS, AddressList, isAddressWord, whyNoAddressWord } from './address-list.ts';
export {
  BELIEVABLE,
  believedIn,
  FORWARDED_KINDS,
  keptFields,
  ofKind,
  type Believable,
  type BelievingPolicy,
  type ForwardedKind,
} from './believed.ts';
export { DEFAULT_PORT, forwardedHops, hopsOf, seenThrough, toldPort, type Hop, type Seen } from './forwarded.ts';
