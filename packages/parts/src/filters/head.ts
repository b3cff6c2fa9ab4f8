// filters/head.ts: the fields of an answer, for filters that look at them or add to them.

import type { HeaderList } from '@appserve/core/app';

function isNamed(name: string, wanted: string): boolean {
  return name.length === wanted.length && name.toLowerCase() === wanted;
}

/** The first value of that lower-case name. */
export function valueOf(headers: HeaderList, wanted: string): string | undefined {
  return headers.find(([name]) => isNamed(name, wanted))?.[1];
}

/** Of all fields of that lower-case name: a list may be said in several (RFC 9110 §5.3). */
export function valuesOf(headers: HeaderList, wanted: string): string[] {
  return headers.filter(([name]) => isNamed(name, wanted)).map(([, value]) => value);
}

export function without(headers: HeaderList, ...names: readonly string[]): HeaderList {
  return headers.filter(([name]) => !names.includes(name.toLowerCase()));
}

/** Those of `more` whose name is not there yet stand behind the others. */
export function completed(headers: HeaderList, more: HeaderList): HeaderList {
  const missing = more.filter(([name]) => valueOf(headers, name.toLowerCase()) === undefined);
  return missing.length === 0 ? headers : [...headers, ...missing];
}

/** The fields of the request that an answer says it depends on. */
export function variedBy(headers: HeaderList): string[] {
  return valuesOf(headers, 'vary')
    .flatMap((value) => value.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** The answer depends on that field of the request (RFC 9110 §12.5.5), which is said once. */
export function varying(headers: HeaderList, field: string): HeaderList {
  const names = variedBy(headers).map((name) => name.toLowerCase());
  return names.includes('*') || names.includes(field.toLowerCase()) ? headers : [...headers, ['Vary', field]];
}

const KEEPS_FROM_SHARED_CACHES = /^(?:private|no-store)$/i;
const LETS_SHARED_CACHES = /^(?:public|s-maxage)\b/i;

/**
 * No cache that several clients share may keep it (RFC 9111 §5.2.2.7): an answer that sets a cookie of one client, which no Vary keeps
 * from the others (§7.3), or that depends on what is no field of the request.
 */
export function privately(headers: HeaderList): HeaderList {
  const said = cacheDirectives(headers);
  if (said.some((directive) => KEEPS_FROM_SHARED_CACHES.test(directive))) return headers;
  const kept = said.filter((directive) => !LETS_SHARED_CACHES.test(directive));
  return [...without(headers, 'cache-control'), ['Cache-Control', ['private', ...kept].join(', ')]];
}

/** Against those who keep an answer, or make another of it. */
const LIMITS = /^(?:private|no-store|no-cache|no-transform)\b/i;

/** What caches may not do with `content` they may not do with this either, which is sent with it. What they may do is not taken over. */
export function limitedAs(headers: HeaderList, content: HeaderList): HeaderList {
  const limits = cacheDirectives(content).filter((directive) => LIMITS.test(directive));
  if (limits.length === 0) return headers;
  const isForOne = limits.some((directive) => KEEPS_FROM_SHARED_CACHES.test(directive));
  const own = cacheDirectives(headers).filter((directive) => !isForOne || !LETS_SHARED_CACHES.test(directive));
  const known = new Set(own.map((directive) => directive.toLowerCase()));
  const all = [...own, ...limits.filter((directive) => !known.has(directive.toLowerCase()))];
  return [...without(headers, 'cache-control'), ['Cache-Control', all.join(', ')]];
}

/** A comma in a quoted list, as `no-cache="a, b"` has one, parts nothing. */
function cacheDirectives(headers: HeaderList): string[] {
  return valuesOf(headers, 'cache-control')
    .flatMap((value) => value.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? [])
    .map((directive) => directive.trim())
    .filter((text) => text !== '');
}
