// stray-variables.ts: variables of the command line that no file asks for, and that are written much as a name that would have been heard, or
// as an option of the server, which its own section says.
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
  const all = [...documents.values()];
  const heard = new Set(all.flatMap(heardIn));
  const keys = new Set(all.flatMap(({ sections }) => [...sections.values()].flatMap(({ values }) => [...values.keys()])));
  return Object.keys(vars).flatMap((name): Warning[] => {
    const why = heard.has(name) ? undefined : whyStray(name, heard, keys, flags);
    return why === undefined ? [] : [{ code: 'VARIABLE_STRAY', key: name, message: `${name}= changes nothing: ${why}` }];
  });
}

function whyStray(name: string, heard: ReadonlySet<string>, keys: ReadonlySet<string>, flags: Flags): string | undefined {
  const flag = flags[name];
  if (keys.has(name)) return flag && `a section says ${name} itself; did you mean ${flag}?`;
  const like = nearest(name, [...heard, ...Object.keys(flags)]);
  if (like === undefined) return undefined;
  return `no section has ${name}, and none asks for %(${name})s; did you mean ${heard.has(like) ? `${like}=` : flags[like]}?`;
}

/** What a variable takes the place of: defaults; and what values ask for. */
function heardIn({ defaults, sections }: Document): string[] {
  const asked = [defaults, ...sections.values()].flatMap(({ values }) =>
    [...values].flatMap(([key, { text }]) => [
      ...(/^set\s/.test(key) ? [key.replace(/^set\s+/, '')] : []),
      ...(/^get\s/.test(key) ? [text] : []),
      ...Array.from(text.matchAll(/%\(([^)]+)\)s/g), ([, name]) => name!),
    ]),
  );
  return [...defaults.values.keys(), ...asked];
}
