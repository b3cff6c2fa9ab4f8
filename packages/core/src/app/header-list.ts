// app/header-list.ts: pairs of an app become the flat list that heads are made of.

import { Fault } from '../faults.ts';
import { nameOf } from '../name-of.ts';

/** Field lines as pairs, in order; repeats are repeats. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** Faults: RESPONSE_FIELD_INVALID when it is no array of pairs. What the pairs hold is checked by the head. */
export function flatten(headers: HeaderList): string[] {
  const flat: string[] = [];
  if (!Array.isArray(headers))
    throw new Fault('RESPONSE_FIELD_INVALID', {
      name: 'headers',
      why: `they are ${nameOf(headers)}, not an array of [name, value]`,
    });
  for (const pair of headers as HeaderList) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new Fault('RESPONSE_FIELD_INVALID', { name: String(pair), why: 'it is not a pair [name, value]' });
    flat.push(pair[0], pair[1]);
  }
  return flat;
}
