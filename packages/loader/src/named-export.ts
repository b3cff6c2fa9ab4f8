// named-export.ts: how an export of a module is named on the command line, where there is no configuration.

import { basename } from 'node:path';
import { isFactory } from '@appserve/core/app';

/** The names under which entry points are looked for, and what Python's servers take when none is given. */
const USUAL = ['app', 'default', 'main', 'application', 'server'];

/** `call:./site/app.js:makeApp`. */
export function namedAsFactory(path: string, name: string): string {
  return `call:${/^\.{0,2}\//.test(path) ? path : `./${path}`}:${name}`;
}

export interface Servable {
  /** What may be an app, or make one. */
  readonly names: readonly string[];
  /** The likeliest of them: `hello.ts#app`. */
  readonly likeliest: string;
}

/** What can be served of a module; nothing where no export looks like it. `appserve.config.ts#admin` is a name in a configuration. */
export function servableOf(exports: Readonly<Record<string, unknown>>, path: string): Servable | undefined {
  const names = Object.keys(exports).filter((name) => canAnswer(exports[name]));
  const name = USUAL.find((usual) => names.includes(usual)) ?? names[0];
  if (name === undefined || /\.config\.[cm]?[jt]sx?$/.test(basename(path))) return undefined;
  return { names, likeliest: isFactory(exports[name]) ? namedAsFactory(path, name) : `${path}#${name}` };
}

function canAnswer(exported: unknown): boolean {
  return typeof exported === 'function' || typeof (exported as { fetch?: unknown } | null)?.fetch === 'function';
}
