// peers/believed.ts: which fields of a request say what proxies have seen, and what is believed of them.
//
// Law: of a peer that is not trusted nothing is believed, and nothing is left for somebody else to believe. Where Forwarded and
// X-Forwarded-* do not say the same, one of them may be the client's: nobody can tell which, so the request is refused.

import { Fault } from '../faults.ts';
import type { Fields } from '../message/fields.ts';
import { addressBytes, addressText } from '../message/address.ts';
import { withoutPort } from '../message/host.ts';
import { forwardedHops, hopsOf, seenThrough, toldPort, type Hop, type Seen } from './forwarded.ts';

/** Which of X-Forwarded-* a proxy writes. */
export const BELIEVABLE = ['for', 'proto', 'host', 'port'] as const;
export type Believable = (typeof BELIEVABLE)[number];

/** The kinds of fields that proxies write. */
export const FORWARDED_KINDS = ['any', 'x-forwarded', 'forwarded'] as const;
export type ForwardedKind = (typeof FORWARDED_KINDS)[number];

export interface BelievingPolicy {
  readonly isTrusted: (address: string) => boolean;
  /** An element of Forwarded is whole: who has written one part of it has written all. */
  readonly believe: readonly Believable[];
}

/** In lower case. */
const FORWARDED = 'forwarded';
/** Of a proxy too these are not believed, and no option has them. */
const NEVER = ['x-forwarded-server', 'x-forwarded-scheme'];
const WEIGHED: ReadonlySet<string> = new Set([FORWARDED, ...BELIEVABLE.map(fieldOf), ...NEVER]);

function fieldOf(word: Believable): string {
  return `x-forwarded-${word}`;
}

/** What anybody believes of proxies: X-Forwarded-Prefix, -Ssl, -Client-Cert and -User are of them too. */
function isOfProxies(name: string): boolean {
  return name === FORWARDED || name === 'x-forwarded' || name.startsWith('x-forwarded-') || name === 'x-real-ip';
}

/** Without the kind that no proxy writes, which so is a client's. The very same object where there is nothing to take away. */
export function ofKind(fields: Fields, kind: ForwardedKind): Fields {
  if (kind === 'any') return fields;
  const isOther = (name: string): boolean =>
    kind === 'x-forwarded' ? name === FORWARDED : name !== FORWARDED && WEIGHED.has(name);
  return fields.keeping((name) => !isOther(name));
}

/** What there is to believe. `peer`: who is connected. Nothing when that one is not trusted. Faults: FORWARDED_CONFLICT. */
export function believedIn(fields: Fields, peer: string, { isTrusted, believe }: BelievingPolicy): Seen | undefined {
  const seenIn = (hops: readonly Hop[]): Seen | undefined => seenThrough(hops, peer, isTrusted);
  const forwarded = listed(fields, FORWARDED);
  const text = (word: Believable): string | undefined => (believe.includes(word) ? listed(fields, fieldOf(word)) : undefined);
  const others = seenIn(hopsOf({ for: text('for'), proto: text('proto'), host: text('host'), port: text('port') }));
  if (forwarded === undefined || others === undefined) return others;
  const seen = seenIn(forwardedHops(forwarded))!;
  return saysBoth(fields, believe) ? agreed(seen, others, believe) : seen;
}

function saysBoth(fields: Fields, believe: readonly Believable[]): boolean {
  return fields.has(FORWARDED) && believe.some((word) => fields.has(fieldOf(word)));
}

/** Several lines are one list (RFC 9110 §5.2). */
function listed(fields: Fields, name: string): string | undefined {
  const values = fields.all(name);
  return values.length === 0 ? undefined : values.join(', ');
}

const NOTHING = 'nothing';

/** The parts of what is believed, in words that are the same for what means the same. Forwarded says a port within its host only. */
const MEANINGS: Readonly<Record<Believable, readonly (readonly [part: string, of: (seen: Seen) => string | undefined])[]>> = {
  for: [['client', ({ address }) => address && addressText(addressBytes(address)!)]],
  proto: [['scheme', ({ scheme }) => scheme]],
  host: [
    ['host', ({ host }) => host && withoutPort(host).toLowerCase()],
    ['port', (seen) => toldPort(seen, 'http')],
  ],
  port: [],
};

/** `forwarded` and `others` mean the same in all that is believed, or one of them may be the client's. */
function agreed(forwarded: Seen, others: Seen, believe: readonly Believable[]): Seen {
  const said = believe.includes('proto') ? forwarded : { ...forwarded, scheme: undefined };
  for (const [part, meaningOf] of believe.flatMap((word) => MEANINGS[word])) {
    const [one, other] = [meaningOf(said), meaningOf(others)];
    if (one !== other) throw new Fault('FORWARDED_CONFLICT', { part, forwarded: one ?? NOTHING, others: other ?? NOTHING });
  }
  // Where only one says a port of the client, that may be the client's word.
  return { ...others, clientPort: forwarded.clientPort === others.clientPort ? others.clientPort : undefined };
}

/**
 * The fields that stay: `isTrusted` keeps what is believed, and what is no affair of ours. Where Forwarded stands beside what is believed, it may
 * say more than that. The very same object where there is nothing to take away.
 */
export function keptFields(fields: Fields, isTrusted: boolean, believe: readonly Believable[]): Fields {
  const kept = new Set(believe.map(fieldOf));
  if (isTrusted && !saysBoth(fields, believe)) kept.add(FORWARDED);
  return fields.keeping((name) => (isTrusted ? !WEIGHED.has(name) || kept.has(name) : !isOfProxies(name)));
}
