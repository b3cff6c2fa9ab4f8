// uri.ts: what people write to name a configuration or a factory, taken apart. Pure: nothing is looked up here.

import { Fault, type FaultContext } from '@appserve/core';

/** `development.ini#admin`, `config:production.ini`. */
export interface ConfigUri {
  readonly path: string;
  /** The fragment; nothing when there is none. */
  readonly name: string | undefined;
}

/** Faults: URI_INVALID. */
export function parseConfigUri(uri: string): ConfigUri {
  const text = uri.startsWith('config:') ? uri.slice('config:'.length) : uri;
  const hash = text.indexOf('#');
  const path = hash === -1 ? text : text.slice(0, hash);
  if (path === '') throw new Fault('URI_INVALID', { uri, why: 'it names no file' });
  if (hash !== -1 && hash === text.length - 1) throw new Fault('URI_INVALID', { uri, why: 'there is no name behind the #' });
  return { path, name: hash === -1 ? undefined : text.slice(hash + 1) };
}

export type UseTarget =
  | { readonly type: 'section'; readonly name: string }
  /** An entry point or an export of an installed package. */
  | { readonly type: 'package'; readonly package: string; readonly name: string }
  /** An export of a file beside the ini. */
  | { readonly type: 'file'; readonly path: string; readonly name: string };

const PACKAGE = /^(?:@[a-z0-9~][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*$/i;
const FILE = /^\.{0,2}\//;
const SCHEME = /^[a-z]+:/i;
const DEFAULT_NAME = 'main';

/** What `use =` says. `contextOf` is asked when it says nothing sensible. Faults: USE_INVALID. */
export function parseUse(use: string, contextOf: () => FaultContext): UseTarget {
  const refused = (why: string): Fault => new Fault('USE_INVALID', { use, why }, contextOf());
  const hash = use.indexOf('#');
  const target = hash === -1 ? use : use.slice(0, hash);
  const name = hash === -1 ? DEFAULT_NAME : use.slice(hash + 1);
  if (use === '') throw refused('it is empty');
  if (name === '') throw refused('there is no name behind the #');
  if (FILE.test(target)) return { type: 'file', path: target, name };
  const scheme = SCHEME.exec(use)?.[0];
  if (scheme !== undefined) throw refused(`${scheme} is not understood here`);
  if (hash === -1) {
    if (use.startsWith('@')) throw refused(`a package needs the name of what is used: ${use}#${DEFAULT_NAME}`);
    return { type: 'section', name: use };
  }
  if (!PACKAGE.test(target)) throw refused(`${JSON.stringify(target)} is no name of a package`);
  return { type: 'package', package: target, name };
}
