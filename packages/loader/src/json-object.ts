// json-object.ts: what has been read from a JSON file, and may be anything.

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
