// hop-by-hop.ts: the fields that are of one connection, and that a proxy does not pass on.
//
// Source: RFC 9110 §7.6.1. Trailer too, since trailers are not passed on, and Proxy-Authenticate, which is of one proxy.

const FIELDS = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Name, value, name, value, without them and without what Connection names. `isLeft`: further ones, by their lower-case name. */
export function endToEnd(flat: readonly string[], isLeft: (name: string) => boolean = () => false): string[] {
  const named = new Set<string>();
  for (let at = 0; at < flat.length; at += 2) {
    if (flat[at]!.toLowerCase() !== 'connection') continue;
    for (const token of flat[at + 1]!.split(',')) named.add(token.trim().toLowerCase());
  }
  const kept: string[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at]!.toLowerCase();
    if (!FIELDS.has(name) && !named.has(name) && !isLeft(name)) kept.push(flat[at]!, flat[at + 1]!);
  }
  return kept;
}
