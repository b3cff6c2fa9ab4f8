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
  return { path, name: hash === -1 ? undefined : text.slice(hash + 1) };
}

export type UseTarget =
  | { readonly type: 'section'; readonly name: string }
  /** An entry point or an export of an installed package. */
  | { readonly type: 'package'; readonly package: string; readonly name: string }
  /** An export of a file beside the ini. */
  | { readonly type: 'file'; readonly path: string; readonly name: string };

const PACKAGE = /^(?:@[a-z0-9~][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*$/i;
const DEFAULT_NAME = 'main';

/** What `use =` says. Faults: USE_INVALID. */
export function parseUse(use: string, context: FaultContext): UseTarget {
  if (use === '') throw new Fault('USE_INVALID', { use, why: 'it is empty' }, context);
  const hash = use.indexOf('#');
  const target = hash === -1 ? use : use.slice(0, hash);
  const name = hash === -1 ? DEFAULT_NAME : use.slice(hash + 1);
  if (name === '') throw new Fault('USE_INVALID', { use, why: 'there is no name behind the #' }, context);
  if (/^\.{0,2}\//.test(target)) return { type: 'file', path: target, name };
  if (hash === -1) return { type: 'section', name: use };
  if (!PACKAGE.test(target))
    throw new Fault('USE_INVALID', { use, why: `${JSON.stringify(target)} is no name of a package` }, context);
  return { type: 'package', package: target, name };
}
