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
