// filters/forwarded.ts: what proxies say of the client, read from the end that a trusted one has written: a machine.
//
// Law: a client can write anything in front of what the first trusted proxy adds; so a list is read from its end, and reading stops at
// the first one that is not trusted. What cannot be read ends it too: nothing behind it is believed.
//
// Source: RFC 7239; X-Forwarded-* as nginx, Apache and HAProxy send them.

import { isHost } from '@appserve/core/message';
import { addressOf } from './trusted.ts';

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
  readonly scheme: 'http' | 'https' | undefined;
  readonly host: string | undefined;
  readonly port: string | undefined;
}

/** More proxies than these are none. */
const HOPS_MAX = 32;

function itemsOf(list: string | undefined): string[] {
  return list === undefined ? [] : list.split(',').map((item) => item.trim());
}

/** From the nearest proxy on. Where one list is shorter, the nearest proxy has said it for all. */
export function hopsOf(lists: { readonly [K in 'for' | 'proto' | 'host' | 'port']: string | undefined }): Hop[] {
  const fors = itemsOf(lists.for).toReversed();
  const [protos, hosts, ports] = [lists.proto, lists.host, lists.port].map((list) => itemsOf(list).toReversed());
  const count = Math.min(HOPS_MAX, Math.max(1, fors.length));
  return Array.from({ length: count }, (_, at) => ({
    for: fors[at],
    proto: protos![at] ?? protos![0],
    host: hosts![at] ?? hosts![0],
    port: ports![at] ?? ports![0],
  }));
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
    const address = hop.for === undefined ? undefined : addressOf(hop.for);
    seen = { ...seen, ...said(hop), address: address ?? seen.address };
    if (address === undefined || !isTrusted(address)) break;
  }
  return seen;
}

function said({ proto, host, port }: Hop): Partial<Seen> {
  const scheme = proto?.toLowerCase();
  return {
    ...(scheme === 'http' || scheme === 'https' ? { scheme } : {}),
    ...(host !== undefined && host !== '' && isHost(host) ? { host } : {}),
    ...(port !== undefined && /^[0-9]{1,5}$/.test(port) && Number(port) <= 65_535 ? { port: String(Number(port)) } : {}),
  };
}
