// accept-encoding.ts: which codings a client takes, and which of those that we have it likes best: a machine.
//
// Source: RFC 9110 §12.5.3, §12.4.2.

const ITEM = /^[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*(?:;[ \t]*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)[ \t]*)?$/i;
/** No honest client knows more codings; what stands behind them is not read. */
const ITEMS_MAX = 32;

/** By lower-case name; `*` for all that are not named. What is no item is passed over. */
function weightsOf(written: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const item of written.split(',', ITEMS_MAX)) {
    const [, name, weight] = ITEM.exec(item) ?? [];
    if (name === undefined) continue;
    const known = name.toLowerCase();
    weights.set(known === 'x-gzip' ? 'gzip' : known, weight === undefined ? 1 : Number(weight));
  }
  return weights;
}

/**
 * The best of `offered`, in the order of our own liking where the client likes several as much; nothing where it shall be sent as it is:
 * the client takes none of them, or says nothing, or likes `identity` more.
 */
export function bestCoding<C extends string>(written: string | undefined, offered: readonly C[]): C | undefined {
  if (written === undefined) return undefined;
  const weights = weightsOf(written);
  const identity = weights.get('identity') ?? 0;
  let best: C | undefined;
  let most = 0;
  for (const coding of offered) {
    const weight = weights.get(coding) ?? weights.get('*') ?? 0;
    if (weight > most && weight >= identity) [best, most] = [coding, weight];
  }
  return best;
}
