// stray-variables.ts: variables of the command line that no file asks for, and that are written much as a name that would have been heard.
//
// Law: a warning, not a mistake, and none without a name that may be meant: factories are told all variables, and may ask for any.

import { nearest, type Warning } from '@appserve/core';
import type { Document } from './ini/document.ts';
import type { Library } from './library.ts';

/** Options of a server that are said in another way than as a variable: how, by their keys. */
export type Flags = Readonly<Record<string, string>>;

/** The library has read all files by now. */
export function strayVariables({ record: { documents, vars } }: Library, flags: Flags): Warning[] {
  if (Object.keys(vars).length === 0) return [];
  const heard = new Set([...documents.values()].flatMap(namesIn));
  return Object.keys(vars).flatMap((name): Warning[] => {
    if (heard.has(name)) return [];
    const like = nearest(name, [...heard, ...Object.keys(flags)]);
    if (like === undefined) return [];
    const meant = heard.has(like) ? `${like}=` : `${flags[like]}`;
    const message = `${name}= changes nothing: no section has ${name}, and none asks for %(${name})s; did you mean ${meant}?`;
    return [{ code: 'VARIABLE_STRAY', key: name, message }];
  });
}

/** Keys, and what their values ask for. */
function namesIn({ defaults, sections }: Document): string[] {
  return [defaults, ...sections.values()].flatMap(({ values }) =>
    [...values].flatMap(([key, { text }]) => [
      key.replace(/^set\s+/, ''),
      ...(/^get\s/.test(key) ? [text] : []),
      ...Array.from(text.matchAll(/%\(([^)]+)\)s/g), ([, name]) => name!),
    ]),
  );
}
