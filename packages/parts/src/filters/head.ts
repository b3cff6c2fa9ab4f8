// filters/head.ts: the fields of an answer, for filters that look at them or add to them.

import type { HeaderList } from '@appserve/core/app';

function isNamed(name: string, wanted: string): boolean {
  return name.length === wanted.length && name.toLowerCase() === wanted;
}

/** The first value of that lower-case name. */
export function valueOf(headers: HeaderList, wanted: string): string | undefined {
  return headers.find(([name]) => isNamed(name, wanted))?.[1];
}

export function without(headers: HeaderList, ...names: readonly string[]): HeaderList {
  return headers.filter(([name]) => !names.includes(name.toLowerCase()));
}

/** Those of `more` whose name is not there yet stand behind the others. */
export function completed(headers: HeaderList, more: HeaderList): HeaderList {
  const missing = more.filter(([name]) => valueOf(headers, name.toLowerCase()) === undefined);
  return missing.length === 0 ? headers : [...headers, ...missing];
}

/** The answer depends on that field of the request (RFC 9110 §12.5.5), which is said once. */
export function varying(headers: HeaderList, field: string): HeaderList {
  const said = headers.filter(([name]) => isNamed(name, 'vary')).flatMap(([, value]) => value.split(','));
  const names = said.map((name) => name.trim().toLowerCase());
  return names.includes('*') || names.includes(field.toLowerCase()) ? headers : [...headers, ['Vary', field]];
}

const LETS_SHARED_CACHES = /^(?:public|s-maxage)\b/i;

/**
 * No cache that several clients share may keep it (RFC 9111 §5.2.2.7): an answer that sets a cookie of one client, which no Vary keeps
 * from the others (§7.3), or that depends on what is no field of the request.
 */
export function privately(headers: HeaderList): HeaderList {
  const said = headers.filter(([name]) => isNamed(name, 'cache-control')).flatMap(([, value]) => directivesOf(value));
  if (said.some((directive) => /^(?:private|no-store)$/i.test(directive))) return headers;
  const kept = said.filter((directive) => !LETS_SHARED_CACHES.test(directive));
  return [...without(headers, 'cache-control'), ['Cache-Control', ['private', ...kept].join(', ')]];
}

/** A comma in a quoted list, as `no-cache="a, b"` has one, parts nothing. */
function directivesOf(value: string): string[] {
  return (value.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? []).map((directive) => directive.trim()).filter((text) => text !== '');
}
