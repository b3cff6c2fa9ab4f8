// plain-data.ts: what crosses a thread wall as it is. Structured clone refuses functions, and makes plain objects of instances.

/** What structured clone keeps as it is. */
const CLONED: ReadonlySet<unknown> = new Set([Object.prototype, null, Date.prototype, RegExp.prototype]);

/** What cannot cross, in words; nothing when all of it can. */
export function strangerIn(value: unknown): string | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  if (Array.isArray(value) || value instanceof Set) return firstIn([...(value as Iterable<unknown>)]);
  if (value instanceof Map) return firstIn([...value].flat());
  if (!CLONED.has(Object.getPrototypeOf(value))) return `an object of the class ${value.constructor.name}`;
  return firstIn(Object.values(value));
}

function firstIn(values: readonly unknown[]): string | undefined {
  for (const value of values) {
    const found = strangerIn(value);
    if (found !== undefined) return found;
  }
  return undefined;
}
