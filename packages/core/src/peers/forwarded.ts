// peers/forwarded.ts: what proxies say of the client, read from the end that a trusted one has written: a machine.
//
// Law: a client can write anything in front of what the first trusted proxy adds; so a list is read from its end, and reading stops at
// the first one that is not trusted. What cannot be read ends it too: nothing behind it is believed. X-Forwarded-Proto, -Host and -Port do
// not say which address they go with, and not every proxy of a chain writes each: of a list only the last item is surely a proxy's.
//
// Source: RFC 7239; X-Forwarded-* as nginx, Apache and HAProxy send them.

import { isHost } from '../message/host.ts';
import { addressBytes } from '../message/address.ts';

/** One step of the way; only what was said is there. */
export interface Hop {
  readonly for?: string | undefined;
  readonly proto?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
}

/** What is known of the client in the end. */
export interface Seen {
  readonly address: string | undefined;
  /** The client's own port, where somebody has said it behind its address. */
  readonly clientPort?: string | undefined;
  readonly scheme: 'http' | 'https' | undefined;
  readonly host: string | undefined;
  readonly port: string | undefined;
}

export const DEFAULT_PORT = { http: '80', https: '443' } as const;

/** More proxies than these are none. */
const HOPS_MAX = 32;

function itemsOf(list: string | undefined): string[] {
  return list === undefined ? [] : list.split(',').map((item) => item.trim());
}

/** From the nearest proxy on, which is taken to have said all but the addresses. */
export function hopsOf({ for: fors, proto, host, port }: { readonly [K in keyof Hop]-?: Hop[K] }): Hop[] {
  const [nearest, ...others] = itemsOf(fors).toReversed().slice(0, HOPS_MAX);
  const last = (list: string | undefined): string | undefined => itemsOf(list).at(-1);
  return [
    { for: nearest, proto: last(proto), host: last(host), port: last(port) },
    ...others.map((address) => ({ for: address })),
  ];
}

const PAIR = /^[ \t]*([A-Za-z0-9!#$%&'*+.^_`|~-]+)=(?:([A-Za-z0-9!#$%&'*+.^_`|~:[\]-]+)|"((?:[^"\\]|\\.)*)")[ \t]*$/;

/** `Forwarded` (RFC 7239 §4), from the nearest proxy on; an element that cannot be read is a hop of which nothing is known. */
export function forwardedHops(written: string): Hop[] {
  return splitOutsideQuotes(written, ',')
    .slice(-HOPS_MAX)
    .map((element) => hopOf(element))
    .toReversed();
}

function hopOf(element: string): Hop {
  const pairs = new Map<string, string>();
  for (const text of splitOutsideQuotes(element, ';')) {
    const [, name, token, quoted] = PAIR.exec(text) ?? [];
    if (name === undefined || pairs.has(name.toLowerCase())) return {};
    pairs.set(name.toLowerCase(), token ?? quoted!.replaceAll(/\\(.)/g, '$1'));
  }
  return { for: pairs.get('for'), proto: pairs.get('proto'), host: pairs.get('host') };
}

/** From the end, as all is read: a client that opens a quote and does not close it must not swallow what the proxy has written behind. */
function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let end = text.length;
  let isQuoted = false;
  for (let at = text.length - 1; at >= 0; at -= 1) {
    const char = text[at];
    if (char === '"' && !(isQuoted && isEscaped(text, at))) isQuoted = !isQuoted;
    else if (char === separator && !isQuoted) {
      parts.push(text.slice(at + 1, end));
      end = at;
    }
  }
  return [text.slice(0, end), ...parts.toReversed()];
}

/** Behind an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (from > 0 && text[from - 1] === '\\') from -= 1;
  return (at - from) % 2 === 1;
}

/** `peer`: who is connected. Nothing when that one is not trusted. */
export function seenThrough(hops: readonly Hop[], peer: string, isTrusted: (address: string) => boolean): Seen | undefined {
  if (!isTrusted(peer)) return undefined;
  let seen: Seen = { address: undefined, scheme: undefined, host: undefined, port: undefined };
  for (const hop of hops) {
    const [address, clientPort] = hop.for === undefined ? [] : nodeOf(hop.for);
    seen = { ...seen, ...said(hop), ...(address === undefined ? {} : { address, clientPort }) };
    if (address === undefined || !isTrusted(address)) break;
  }
  return seen;
}

/** Of `192.0.2.7:8080`, `[2001:db8::7]:8080`, `2001:db8::7`; nothing where it is no address: unknown, or obfuscated (RFC 7239 §6). */
function nodeOf(written: string): [address?: string, port?: string | undefined] {
  const [, bare, port] = /^\[([^\]]*)\](?::([0-9]{1,5}))?$/.exec(written) ?? /^([0-9.]+):([0-9]{1,5})$/.exec(written) ?? [];
  const address = bare ?? written;
  return addressBytes(address) === undefined ? [] : [address, portOf(port)];
}

function portOf(text: string | undefined): string | undefined {
  return text !== undefined && /^[0-9]{1,5}$/.test(text) && Number(text) <= 65_535 ? String(Number(text)) : undefined;
}

/** Which port the client has asked for, as far as somebody has told; `connectionScheme`: what counts where nobody has told one. */
export function toldPort({ scheme, host, port }: Seen, connectionScheme: 'http' | 'https'): string | undefined {
  const named = /:([0-9]+)$/.exec(host ?? '')?.[1];
  const isElsewhere = scheme !== undefined || host !== undefined;
  return port ?? named ?? (isElsewhere ? DEFAULT_PORT[scheme ?? connectionScheme] : undefined);
}

function said({ proto, host, port }: Hop): Partial<Seen> {
  const scheme = proto?.toLowerCase();
  return {
    ...(scheme === 'http' || scheme === 'https' ? { scheme } : {}),
    ...(host !== undefined && host !== '' && isHost(host) ? { host } : {}),
    ...(portOf(port) === undefined ? {} : { port: portOf(port) }),
  };
}
