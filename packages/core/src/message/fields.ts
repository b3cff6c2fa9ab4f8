// message/fields.ts: an ordered list of field lines, as received or as they will be sent.
//
// One flat array [name, value, name, value, ...]: no object a field, order and repeats kept, names as written.
// Lookups walk it: max_number_headers bounds what they walk over.

/** Field lines that a message can have at all, whatever the limits of a server are. */
export const FIELDS_MAX = 8_192;

export class Fields implements Iterable<readonly [name: string, value: string]> {
  /** name, value, name, value, ...: read it, do not change it. */
  readonly flat: readonly string[];

  constructor(flat: readonly string[]) {
    this.flat = flat;
  }

  static readonly none = new Fields([]);

  /** How many field lines. */
  get size(): number {
    return this.flat.length >> 1;
  }

  /** The first value of that name, or nothing. */
  get(name: string): string | undefined {
    const { flat } = this;
    for (let at = 0; at < flat.length; at += 2) if (sameName(flat[at]!, name)) return flat[at + 1];
    return undefined;
  }

  /** Every value of that name, in order. */
  all(name: string): string[] {
    const { flat } = this;
    const values: string[] = [];
    for (let at = 0; at < flat.length; at += 2) if (sameName(flat[at]!, name)) values.push(flat[at + 1]!);
    return values;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Those whose name, in lower case, is kept. The very same object where all are. */
  keeping(isKept: (name: string) => boolean): Fields {
    const kept: string[] = [];
    for (const [name, value] of this) if (isKept(name.toLowerCase())) kept.push(name, value);
    return kept.length === this.flat.length ? this : new Fields(kept);
  }

  *[Symbol.iterator](): Iterator<readonly [string, string]> {
    for (let at = 0; at < this.flat.length; at += 2) yield [this.flat[at]!, this.flat[at + 1]!];
  }
}

/** Field names are case-insensitive (RFC 9110 §5.1) and ASCII. */
export function sameName(one: string, other: string): boolean {
  if (one === other) return true;
  return one.length === other.length && one.toLowerCase() === other.toLowerCase();
}
