// plain-data.ts: what crosses a thread wall as it is. Structured clone refuses functions, makes plain objects of instances, and drops
// what has a symbol for a name.
//
// Source: https://html.spec.whatwg.org/multipage/structured-data.html. What it clones by a hidden slot loses its class on the way: a
// Buffer arrives as a Uint8Array. So prototypes are compared, and nothing that only descends from one is taken.

const BINARY = [
  ArrayBuffer,
  SharedArrayBuffer,
  DataView,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

/** What arrives as it is, and holds nothing of interest. */
const LEAVES: ReadonlySet<unknown> = new Set([...BINARY, Date, RegExp].map((made) => made.prototype as unknown));

/** What cannot cross, in words; nothing when all of it can. */
export function strangerIn(value: unknown): string | undefined {
  // Data may go in circles, and be deeper than the stack.
  const seen = new Set<unknown>();
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === 'function' || typeof next === 'symbol') return `a ${typeof next}`;
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    const parts = partsOf(next);
    if (parts === undefined) return `an object of ${classOf(next)}`;
    if (Object.getOwnPropertySymbols(next).length > 0) return 'an object with a symbol for a key';
    for (const part of parts) waiting.push(part);
  }
  return undefined;
}

/** What is in it; nothing for what does not arrive as it is. */
function partsOf(object: object): Iterable<unknown> | undefined {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (LEAVES.has(prototype)) return [];
  switch (prototype) {
    case Object.prototype:
    case Array.prototype:
    case null:
      return Object.values(object);
    case Map.prototype:
      return [...(object as Map<unknown, unknown>)].flat();
    case Set.prototype:
      return object as Set<unknown>;
    default:
      return undefined;
  }
}

/** An object may have a prototype that belongs to no class. */
function classOf(object: object): string {
  const made: unknown = (object as { readonly constructor?: unknown }).constructor;
  const name: unknown = typeof made === 'function' && made !== Object ? made.name : '';
  return typeof name === 'string' && name !== '' ? `the class ${name}` : 'a class without a name';
}
