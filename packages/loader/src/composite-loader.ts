// composite-loader.ts: what a composite asks for apps, at run time, in the thread where it is made.

import { Fault, type Place } from '@appserve/core';
import type { App, Filter, GlobalConf, Loader, LoaderContext, Serve } from '@appserve/core/app';
import type { Builder } from './build.ts';
import { globalConfOf, receiverOf, localConfOf, type Context, type FactoryContext } from './context.ts';
import type { Role } from './kinds.ts';
import type { Library } from './library.ts';
import { Planner } from './plan.ts';
import { resolveTree, type Blueprint } from './resolve.ts';
import { given, hasFile, settingsOf, wordsOf, type ScopeRef, type Setting, type Settings, type Word } from './setting.ts';
import { parseTarget } from './uri.ts';

export class CompositeLoader implements Loader {
  readonly #asking: FactoryContext;
  readonly #library: Library;
  readonly #builder: Builder;
  #names: ReadonlyMap<string, Written> | undefined;

  constructor(context: FactoryContext, library: Library, builder: Builder) {
    this.#asking = context;
    this.#library = library;
    this.#builder = builder;
  }

  async getApp(name: string, globalConf: GlobalConf = {}): Promise<App> {
    return this.#builder.app(await this.#resolved('app', name, globalConf));
  }

  async getFilter(name: string, globalConf: GlobalConf = {}): Promise<Filter> {
    return this.#builder.filter(await this.#resolved('filter', name, globalConf));
  }

  async getServer(name: string, globalConf: GlobalConf = {}): Promise<Serve> {
    return this.#builder.server(await this.#resolved('server', name, globalConf));
  }

  appContext(name: string, globalConf: GlobalConf = {}): Promise<LoaderContext> {
    return this.#context('app', name, globalConf);
  }

  filterContext(name: string, globalConf: GlobalConf = {}): Promise<LoaderContext> {
    return this.#context('filter', name, globalConf);
  }

  serverContext(name: string, globalConf: GlobalConf = {}): Promise<LoaderContext> {
    return this.#context('server', name, globalConf);
  }

  async #context(role: Role, name: string, globalConf: GlobalConf): Promise<LoaderContext> {
    return contextOf(await this.#library.whole(() => this.#plan(role, name, globalConf)));
  }

  /** What `getApp` would make. Faults: those of the planner and of resolveTree. */
  resolvedApp(name: string, globalConf: GlobalConf): Promise<Blueprint> {
    return this.#resolved('app', name, globalConf);
  }

  #resolved(role: Role, name: string, globalConf: GlobalConf): Promise<Blueprint> {
    return this.#library.whole(() => resolveTree(this.#plan(role, name, globalConf), this.#library.folder));
  }

  /** The file that writes a name, or the composite's own. */
  scopeOf(name: string): ScopeRef {
    return this.#written.get(name)?.scope ?? this.#asking.scope;
  }

  #plan(role: Role, name: string, globalConf: GlobalConf): Context {
    const written = this.#written.get(name);
    const scope = this.scopeOf(name);
    const globals = this.#passedOn(globalConf);
    const { path, askedBy, useAt } = this.#asking;
    const at = written?.at ?? useAt;
    const planner = new Planner(this.#library);
    if (hasFile(scope)) return planner.plan(role, name, this.#library.scope(scope, scope.file), globals, path, at);
    const target = parseTarget(name, () => ({ at, askedBy }));
    if (target.type === 'section' || target.type === 'config')
      throw new Fault('USE_INVALID', { use: name, why: 'there is no file to look it up in' }, { at, askedBy });
    return planner.planTarget(role, target, globals);
  }

  /** What a composite was told itself keeps its origin; a secret stays one under whatever name. */
  #passedOn(globalConf: GlobalConf): Settings {
    const { globals, settings } = this.#asking;
    const own = settingsOf(globals);
    const secrets = new Set([...globals, ...settings].filter(({ isSecret }) => isSecret).map(({ value }) => value));
    const passed = Object.entries(globalConf).map(([key, value]) => {
      const known = own.get(key);
      return known?.value === value ? known : { ...given(key, value), isSecret: secrets.has(value) };
    });
    return settingsOf(passed);
  }

  /** Where each name is written, and by which file: it is looked up there. Made once: a composite may have thousands. */
  get #written(): ReadonlyMap<string, Written> {
    this.#names ??= writtenIn(this.#asking.settings, this.#asking.scope);
    return this.#names;
  }
}

interface Written {
  readonly at: Place | undefined;
  readonly scope: ScopeRef | undefined;
}

/**
 * A whole value is more of a name than a word of one. Where several files write the same text, it is that of the composite's own file,
 * if that is among them. A word that several files write is nobody's: it may be a list in one and prose in the other.
 */
function writtenIn(settings: readonly Setting[], own: ScopeRef): Map<string, Written> {
  const names = new Map<string, Written>();
  for (const { value, lines, at, scope } of settings) {
    const first = names.get(value);
    const isOwner = first !== undefined && !isSame(first.scope, own) && isSame(scope, own);
    if (first === undefined || isOwner) names.set(value, { at: lines[0] ?? at, scope });
  }
  const words = new Map<string, Written>();
  for (const setting of settings)
    for (const { text, at } of namesIn(setting)) {
      const first = words.get(text);
      if (first === undefined) words.set(text, { at, scope: setting.scope });
      else if (!isSame(first.scope, setting.scope)) words.set(text, isSame(first.scope, own) ? first : { at, scope: own });
    }
  return new Map([...words, ...names]);
}

function isSame(one: ScopeRef | undefined, other: ScopeRef | undefined): boolean {
  return one?.file === other?.file;
}

/** Lists may be written with commas too. */
function namesIn(setting: Setting): Word[] {
  return wordsOf(setting).flatMap((word) => [word, ...Array.from(word.text.matchAll(/[^,;]+/g), (part) => within(word, part))]);
}

function within({ text, at }: Word, { 0: part, index }: RegExpExecArray): Word {
  // The word may have come from elsewhere, by a variable: then its place is not that of its letters.
  const isLiteral = at?.length === text.length;
  return { text: part, at: isLiteral ? { ...at, column: at.column + index, length: part.length } : at };
}

function contextOf(context: Context): LoaderContext {
  const receiver = receiverOf(context);
  return {
    section: context.section,
    globalConf: globalConfOf(receiver ?? context),
    localConf: receiver === undefined ? {} : localConfOf(receiver),
  };
}
