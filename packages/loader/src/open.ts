// open.ts: from the address of a configuration, and what a caller says beside it, to what can be planned.

import { dirname, resolve } from 'node:path';
import type { Context } from './context.ts';
import type { Variables } from './ini/interpolate.ts';
import type { Role } from './kinds.ts';
import { Library, type ReadDocument } from './library.ts';
import { Planner } from './plan.ts';
import { outsideOf, readDocument } from './read-config.ts';
import type { Scope } from './scope.ts';
import { SAID_LAYERS } from './said-by.ts';
import { saidByOf, withSaid, type Said } from './said.ts';
import { given, settingsOf, type Setting, type Settings } from './setting.ts';
import { parseTarget, parseUri, type Target } from './uri.ts';

export interface LoadOptions {
  /** Which app, filter or server of the file, or any name that `use` takes; else the fragment of the address, else `main`. */
  readonly name?: string | undefined;
  /** What a relative path is relative to; the working directory when left out. */
  readonly relativeTo?: string | undefined;
  /** Globals of the caller: factories are told these over what [DEFAULT] says; `%(name)s` is one where the file has none. */
  readonly globalConf?: Variables | undefined;
  /** `name=value` of the command line: wins over all that the file says. Neither is ever interpolated. */
  readonly vars?: Variables | undefined;
  /** What the command line and the environment say to single sections. */
  readonly said?: readonly Said[] | undefined;
  /** Which server `said` speaks to, where it is another one than `main`. */
  readonly server?: string | undefined;
}

export interface Opened {
  readonly library: Library;
  /** The file; nothing for `egg:shop#main`. Faults: CONFIG_*, INI_*. */
  scope(): Promise<Scope | undefined>;
  /** The name that is asked for. */
  readonly name: string;
  /** Faults: those of Planner.plan. */
  plan(role: Role): Promise<Context>;
}

const DIRECT = /^(?:egg|pkg|call):/i;

/** Faults: URI_INVALID. The file is read when it is first needed. */
export function opened(uri: string, options: LoadOptions): Opened {
  const relativeTo = resolve(options.relativeTo ?? '.');
  return DIRECT.test(uri) ? openedDirectly(uri, options, relativeTo) : openedFile(uri, options, relativeTo);
}

function newLibrary(folder: string, vars: Variables = {}, read: ReadDocument = readDocument): Library {
  return new Library({ documents: new Map(), vars, folder }, read, outsideOf);
}

/** The file that is asked for is read with what is said to it. */
function readerWith(file: string, { said = [], server = 'main' }: LoadOptions): ReadDocument {
  return (path, shown) => {
    const read = readDocument(path, shown);
    if (path !== file || said.length === 0) return read;
    return read instanceof Promise ? read.then((document) => withSaid(document, said, server)) : withSaid(read, said, server);
  };
}

function openedFile(uri: string, options: LoadOptions, relativeTo: string): Opened {
  const { path, name, options: defaults } = parseUri(uri);
  const file = resolve(relativeTo, path);
  const library = newLibrary(dirname(file), options.vars, readerWith(file, options));
  const globals = globalsOf(defaults, options.globalConf, options.vars);
  const ref = { file, injected: [...globals.values()] };
  const wanted = options.name ?? name ?? 'main';
  return {
    library,
    name: wanted,
    scope: () => library.whole(() => library.scope(ref, path)),
    plan: (role) => library.whole(() => new Planner(library).plan(role, wanted, library.scope(ref, path), globals)),
  };
}

/** The last one wins: that is the command line. */
function globalsOf(...layers: readonly (Variables | undefined)[]): Settings {
  return settingsOf(layers.flatMap((layer) => Object.entries(layer ?? {})).map(([key, value]) => given(key, value)));
}

function openedDirectly(uri: string, { name, globalConf, vars, said = [] }: LoadOptions, relativeTo: string): Opened {
  const library = newLibrary(relativeTo, vars);
  const target = withName(
    parseTarget(uri, () => ({})),
    name,
  );
  const plan = async (role: Role): Promise<Context> => {
    // The three schemes name factories.
    if (target.type === 'section' || target.type === 'config') throw new Error(`${uri} names no factory`);
    return new Planner(library).planTarget(role, target, globalsOf(globalConf, vars), role === 'server' ? saidTo(said) : []);
  };
  return { library, name: uri, scope: () => Promise.resolve(undefined), plan };
}

/** A server that no section names gets all that is said to servers. */
function saidTo(said: readonly Said[]): Setting[] {
  const sorted = SAID_LAYERS.flatMap((layer) => said.filter((one) => one.layer === layer));
  const settings = sorted.flatMap((one) => (one.to === 'server' ? [{ ...given(one.key, one.value), said: saidByOf(one) }] : []));
  return [...settingsOf(settings).values()];
}

/** A name that is given wins over the one in the address; that of `call:` is a part of it. */
function withName(target: Target, name: string | undefined): Target {
  return target.type === 'package' && name !== undefined ? { ...target, name } : target;
}
