// composite-loader.ts: what a composite asks for apps, at run time, in the thread where it is made.

import { Fault, type Place } from '@appserve/core';
import type { App, Filter, GlobalConf, Loader, LoaderContext, Serve } from '@appserve/core/app';
import type { Builder } from './build.ts';
import { globalConfOf, receiverOf, localConfOf, type Context, type FactoryContext } from './context.ts';
import type { Role } from './kinds.ts';
import type { Library } from './library.ts';
import { Planner } from './plan.ts';
import { resolveTree, type Blueprint } from './resolve.ts';
import { given, hasFile, settingsOf, wordsOf, type ScopeRef, type Setting, type Settings } from './setting.ts';
import { parseTarget } from './uri.ts';

export class CompositeLoader implements Loader {
  readonly #context: FactoryContext;
  readonly #library: Library;
  readonly #builder: Builder;
  #names: ReadonlyMap<string, Written> | undefined;

  constructor(context: FactoryContext, library: Library, builder: Builder) {
    this.#context = context;
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

  appContext(name: string, globalConf: GlobalConf = {}): LoaderContext {
    return contextOf(this.#plan('app', name, globalConf));
  }

  filterContext(name: string, globalConf: GlobalConf = {}): LoaderContext {
    return contextOf(this.#plan('filter', name, globalConf));
  }

  serverContext(name: string, globalConf: GlobalConf = {}): LoaderContext {
    return contextOf(this.#plan('server', name, globalConf));
  }

  #resolved(role: Role, name: string, globalConf: GlobalConf): Promise<Blueprint> {
    return this.#library.whole(() => resolveTree(this.#plan(role, name, globalConf), this.#library.folder));
  }

  #plan(role: Role, name: string, globalConf: GlobalConf): Context {
    const written = this.#written.get(name);
    const scope = written?.scope ?? this.#context.scope;
    const globals = this.#passedOn(globalConf);
    const { path, askedBy, useAt } = this.#context;
    const at = written?.at ?? useAt;
    const planner = new Planner(this.#library);
    if (hasFile(scope)) return planner.plan(role, name, this.#library.scope(scope, scope.file), globals, path, at);
    const target = parseTarget(name, () => ({ at, askedBy }));
    if (target.type === 'section' || target.type === 'config')
      throw new Fault('USE_INVALID', { use: name, why: 'there is no file to look it up in' }, { at, askedBy });
    return planner.planTarget(role, target, globals);
  }

  /** What a composite was told itself keeps its origin, and stays a secret. */
  #passedOn(globalConf: GlobalConf): Settings {
    const own = settingsOf(this.#context.globals);
    const passed = Object.entries(globalConf).map(([key, value]) => {
      const known = own.get(key);
      return known?.value === value ? known : given(key, value);
    });
    return settingsOf(passed);
  }

  /** Where each name is written, and by which file: it is looked up there. Made once: a composite may have thousands. */
  get #written(): ReadonlyMap<string, Written> {
    this.#names ??= writtenIn(this.#context.settings);
    return this.#names;
  }
}

interface Written {
  readonly at: Place | undefined;
  readonly scope: ScopeRef | undefined;
}

/** A whole value is more of a name than a word of one. */
function writtenIn(settings: readonly Setting[]): Map<string, Written> {
  const names = new Map<string, Written>();
  const put = (name: string, written: Written): void => {
    if (!names.has(name)) names.set(name, written);
  };
  for (const { value, lines, at, scope } of settings) put(value, { at: lines[0] ?? at, scope });
  for (const setting of settings) for (const { text, at } of wordsOf(setting)) put(text, { at, scope: setting.scope });
  return names;
}

function contextOf(context: Context): LoaderContext {
  const receiver = receiverOf(context);
  return {
    section: context.section,
    globalConf: globalConfOf(receiver ?? context),
    localConf: receiver === undefined ? {} : localConfOf(receiver),
  };
}
