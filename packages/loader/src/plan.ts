// plan.ts: what will be made, before anything is made: sections become contexts.
//
// Law: this room imports no module, and reads files through its library only. What it gives is data. So checking, printing and
// errors with a line number come for nothing.
//
// Source: paste.deploy.loadwsgi; what differs on purpose stands in docs/reference/pastedeploy-differences.md.

import { Fault, Faults, gather, throwFaults, type FaultContext, type Place } from '@appserve/core';
import { withAskers } from './asked.ts';
import type { Context, FactoryContext, WrappedContext } from './context.ts';
import { readDirectives, type Directives } from './directives.ts';
import type { Section } from './ini/document.ts';
import { KINDS, protocolKeys, ROLES, type Group, type Role } from './kinds.ts';
import type { Library } from './library.ts';
import { overridden, requiring } from './override.ts';
import { askers, Circles, visitOf, type Path } from './path.ts';
import { sectionName, type Scope } from './scope.ts';
import { merged, wordsOf, type ScopeRef, type Setting, type Settings } from './setting.ts';
import { hasScheme, parseReference, parseTarget, type FactoryTarget, type Target } from './uri.ts';

/** Sections that use sections; deeper than any that a person would write, and shallower than what fills the stack. */
const DEPTH_MAX = 500;

const NOWHERE: ScopeRef = { file: undefined, injected: [] };

export class Planner {
  readonly #library: Library;
  readonly #circles = new Circles();

  constructor(library: Library) {
    this.#library = library;
  }

  /** What a name stands for in a file. `outer`: the globals of who asks. Faults: SECTION_*, USE_*, INTERPOLATION_*, ... */
  plan(role: Role, name: string, scope: Scope, outer: Settings = new Map(), path: Path = [], at?: Place): Context {
    return this.#named(role, name, scope, merged(outer, scope.vars), path, { ...(at && { at }), askedBy: askers(path) });
  }

  /** The same without a file: `egg:shop#main`. */
  planTarget(role: Role, target: FactoryTarget, globals: Settings, settings: readonly Setting[] = []): Context {
    const { inferred } = ROLES[role];
    return factory({ role, target, inferred, scope: NOWHERE, globals: [...globals.values()], settings });
  }

  /** Every app, filter and server section of a file. Faults: those of all of them. */
  planAll(scope: Scope): Context[] {
    return gather(
      scope.named.map(
        ({ role, name }) =>
          () =>
            this.plan(role, name, scope),
      ),
    );
  }

  #named(role: Role, name: string, scope: Scope, outer: Settings, path: Path, context: FaultContext): Context {
    // A section may be called `/shop` or `a#b`.
    const target: Target =
      scope.has(role, name) && !hasScheme(name) ? { type: 'section', name } : parseTarget(name, () => context);
    switch (target.type) {
      case 'section':
        return this.#section(role, target.name, scope, outer, path, context);
      case 'config': {
        const included = this.#library.included(scope, target.path, [...outer.values()], context);
        return this.#section(role, target.name, included, outer, path, context);
      }
      case 'package':
      case 'file':
      case 'module': {
        const { inferred } = ROLES[role];
        const globals = [...outer.values()];
        const { at: useAt, askedBy = [] } = context;
        return factory({ role, target, inferred, scope: scope.ref, globals, useAt, path, askedBy });
      }
    }
  }

  #section(role: Role, name: string, scope: Scope, outer: Settings, path: Path, context: FaultContext): Context {
    const by = askers(path);
    const [section] = gather([() => scope.find(role, name, context), () => withAskers(by, () => void scope.globals)]) as [
      Section,
    ];
    this.#circles.refuse(path, scope, section, context);
    if (path.length >= DEPTH_MAX) throw new Fault('USE_TOO_DEEP', { limit: DEPTH_MAX }, context);
    const directives = withAskers(by, () => readDirectives(scope, section, role, outer));
    const here: Path = [...path, visitOf(scope, section)];
    const { filterWith } = directives;
    const faults = new Faults();
    const inner = faults.catch(() => this.#unfiltered(role, directives, here));
    const filters = filterWith && faults.catch(() => this.#filters(filterWith, directives, here));
    faults.end();
    if (filters === undefined) return inner!;
    return wrapped('filter-with', role === 'filter' ? 'filter' : 'app', directives, filters, inner!, askers(path));
  }

  #unfiltered(role: Role, directives: Directives, path: Path): Context {
    switch (KINDS[sectionName(directives.section.name)!.prefix].form) {
      case 'pipeline':
        return this.#pipeline(directives, path);
      case 'filter-app':
        return this.#filterApp(directives, path);
      case 'factory':
        return this.#factory(role, directives, path);
    }
  }

  /** `use = ...`, or a key that names the factory and its signature. */
  #factory(role: Role, directives: Directives, path: Path): Context {
    const { use, section, globals, additions, locals, scope } = directives;
    if (use === undefined) return this.#explicit(role, directives, path);
    const useAt = use.lines[0] ?? use.at;
    const by = use.said === undefined ? askers(path) : [use.said.by, ...askers(path)];
    const used = this.#named(role, use.value, scope, globals, path, { at: useAt, askedBy: by });
    const isOwn = used.type === 'factory' && used.section === undefined;
    const { inferred } = KINDS[sectionName(section.name)!.prefix];
    const named: Context = isOwn ? { ...used, section: section.name, at: section.at, inferred } : used;
    return overridden(named, {
      locals,
      additions,
      file: globals.get('__file__'),
      requires: required(directives),
      asked: { at: useAt, askedBy: askers(path) },
    });
  }

  #explicit(role: Role, { section, protocols, globals, locals, scope, ...directives }: Directives, path: Path): Context {
    const asked = askers(path.slice(0, -1));
    const [protocol, second] = protocols;
    if (protocol === undefined) {
      const details = { section: section.name, keys: protocolKeys(role) };
      throw new Fault('USE_MISSING', details, { at: section.at, askedBy: asked });
    }
    const useAt = protocol.lines[0] ?? protocol.at;
    if (second !== undefined) {
      const details = { section: section.name, keys: protocols.map(({ key }) => key) };
      throw new Fault('PROTOCOLS_SEVERAL', details, { at: second.at, askedBy: asked });
    }
    const group = protocol.key.slice('paste.'.length) as Group;
    return factory({
      role,
      section: section.name,
      at: section.at,
      useAt,
      target: parseReference(protocol.value, () => ({ at: useAt, askedBy: askers(path) })),
      group,
      inferred: group,
      scope: scope.ref,
      globals: [...globals.values()],
      settings: [...locals.values()],
      requires: required({ ...directives, scope }),
      path,
      askedBy: askers(path),
    });
  }

  #pipeline(directives: Directives, path: Path): Context {
    const { section, pipeline, globals, scope } = directives;
    const asked = { at: section.at, askedBy: askers(path.slice(0, -1)) };
    if (pipeline === undefined) throw new Fault('PIPELINE_MISSING', { section: section.name }, asked);
    throwFaults(extraSettings(directives, asked.askedBy));
    const words = wordsOf(pipeline);
    if (words.length === 0) throw new Fault('PIPELINE_EMPTY', { section: section.name }, { ...asked, at: pipeline.at });
    const parts = gather(
      words.map(({ text, at }, index) => () => {
        const role = index === words.length - 1 ? 'app' : 'filter';
        return this.#named(role, text, scope, globals, path, { at, askedBy: askers(path) });
      }),
    );
    const inner = requiring(parts.at(-1)!, required(directives));
    return wrapped('pipeline', 'app', directives, parts.slice(0, -1), inner, asked.askedBy);
  }

  #filterApp(directives: Directives, path: Path): Context {
    const { section, next, globals, scope } = directives;
    const asked = askers(path.slice(0, -1));
    const [inner, filter] = gather<Context>([
      () => {
        if (next === undefined) throw new Fault('NEXT_MISSING', { section: section.name }, { at: section.at, askedBy: asked });
        return this.#named('app', next.value, scope, globals, path, {
          at: next.lines[0] ?? next.at,
          askedBy: askers(path),
        });
      },
      () => this.#factory('filter', directives, path),
    ]);
    return wrapped('filter-app', 'app', directives, [filter!], inner!, asked);
  }

  /** One name, or a list, the outermost first. */
  #filters(filterWith: Setting, { scope, globals }: Directives, path: Path): Context[] {
    const context = { at: filterWith.lines[0] ?? filterWith.at, askedBy: askers(path) };
    const words = wordsOf(filterWith);
    if (words.length === 0) throw new Fault('USE_INVALID', { use: '', why: 'filter-with names no filter' }, context);
    return gather(
      words.map(
        ({ text, at }) =>
          () =>
            this.#named('filter', text, scope, globals, path, { ...context, at }),
      ),
    );
  }
}

/** What `get require = x` fetches may be of no file: then this one asks for it. */
function required({ require, scope }: Pick<Directives, 'require' | 'scope'>): Setting[] {
  return require === undefined ? [] : [{ ...require, scope: require.scope ?? scope.ref }];
}

/** A pipeline takes no settings. Those that [DEFAULT] has too are meant for it (PasteDeploy). */
function extraSettings({ section, scope, locals }: Directives, askedBy: readonly string[]): Fault[] {
  return [...locals.values()]
    .filter(({ key }) => !scope.globals.has(key))
    .map(({ key, at }) => new Fault('PIPELINE_SETTINGS', { section: section.name, key }, { at, askedBy }));
}

type FactoryParts = Pick<FactoryContext, 'role' | 'target' | 'inferred' | 'scope' | 'globals'> & Partial<FactoryContext>;

function factory(parts: FactoryParts): FactoryContext {
  const nothing = { section: undefined, at: undefined, useAt: undefined, group: undefined };
  return { type: 'factory', ...nothing, settings: [], requires: [], path: [], askedBy: [], ...parts };
}

function wrapped(
  by: WrappedContext['by'],
  role: WrappedContext['role'],
  { section, globals }: Directives,
  filters: readonly Context[],
  inner: Context,
  askedBy: readonly string[],
): WrappedContext {
  return {
    type: 'wrapped',
    by,
    role,
    section: section.name,
    at: section.at,
    globals: [...globals.values()],
    filters,
    inner,
    askedBy,
  };
}
