// build.ts: blueprints become living things: modules are imported, factories called. Apps are built in workers, servers in the
// main thread.

import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Fault, FaultList, nameOf, type FaultCode } from '@appserve/core';
import { Life, recognise } from '@appserve/core/app';
import type {
  App,
  AppFactory,
  AppSource,
  CompositeFactory,
  Filter,
  FilterAppFactory,
  FilterFactory,
  Loader,
  Serve,
  ServerFactory,
  ServerHandle,
  ServerRunner,
} from '@appserve/core/app';
import { faultContext, globalConfOf, WRAPPINGS, type FactoryContext } from './context.ts';
import type { FactoryRef } from './entry-points.ts';
import { importFactory, isClass, type AnyFactory } from './modules.ts';
import type { Blueprint, FactoryBlueprint, WrappedBlueprint } from './resolve.ts';
import { valuePlace, wordsOf } from './setting.ts';
import { settledApart, typedSettings, type Described, type SettledAhead, type Tell } from './typed-settings.ts';

/** What composites are given. */
export type LoaderOf = (context: FactoryContext, builder: Builder) => Loader;

/** Makes the things of one app, and remembers the life of each. */
export class Builder {
  readonly life = new Life();
  readonly #loaderOf: LoaderOf;
  readonly #ahead: SettledAhead | undefined;

  constructor(loaderOf: LoaderOf, ahead?: SettledAhead) {
    this.#loaderOf = loaderOf;
    this.#ahead = ahead;
  }

  /**
   * Faults: MODULE_FAILED, EXPORT_MISSING, NOT_A_FACTORY, NOT_A_FILTER, FACTORY_FAILED, APP_UNKNOWN, OPTIONS_INVALID, OPTION_*,
   * SETTING_INVALID.
   */
  async app(blueprint: Blueprint): Promise<App> {
    if (blueprint.type === 'factory') return this.#made(blueprint);
    if (WRAPPINGS[blueprint.context.by].first === 'inner') {
      const inner = await this.app(blueprint.inner);
      return applied(await this.#filters(blueprint), inner);
    }
    const filters = await this.#filters(blueprint);
    return applied(filters, await this.app(blueprint.inner));
  }

  async filter(blueprint: Blueprint): Promise<Filter> {
    if (blueprint.type === 'factory') return this.#madeFilter(blueprint);
    const filters = await this.#filters(blueprint);
    const inner = await this.filter(blueprint.inner);
    return async (app) => applied(filters, await inner(app));
  }

  async server(blueprint: Blueprint): Promise<Serve> {
    if (blueprint.type === 'factory') return madeServer(blueprint);
    throw new Error('a server is never wrapped');
  }

  async #filters({ filters }: WrappedBlueprint): Promise<Filter[]> {
    const made: Filter[] = [];
    for (const filter of filters) made.push(await this.filter(filter));
    return made;
  }

  async #made(blueprint: FactoryBlueprint): Promise<App> {
    const { context, factory } = blueprint;
    const make = await importCallable(blueprint);
    return this.#told(blueprint, 'app', async () => {
      const settings = await settingsFor(blueprint, make, this.#ahead);
      const globalConf = globalConfOf(context);
      return factory.group === 'app_factory'
        ? await (make as AppFactory)(globalConf, settings)
        : await (make as unknown as CompositeFactory)(this.#loaderOf(context, this), globalConf, settings);
    });
  }

  async #madeFilter(blueprint: FactoryBlueprint): Promise<Filter> {
    const { context, factory } = blueprint;
    const make = await importCallable(blueprint);
    const globalConf = globalConfOf(context);
    const settings = await located(blueprint, () => settingsFor(blueprint, make, this.#ahead));
    if (factory.group === 'filter_app_factory') {
      return (app) => this.#told(blueprint, 'app', () => (make as unknown as FilterAppFactory)(app, globalConf, settings));
    }
    const filter: unknown = await located(blueprint, () => (make as unknown as FilterFactory)(globalConf, settings));
    if (typeof filter !== 'function') throw new Fault('NOT_A_FILTER', foundOf(factory, filter), faultContext(context));
    await this.life.adopt(filter, (start) => located(blueprint, start));
    return (app) => this.#told(blueprint, 'filter', () => (filter as Filter)(app));
  }

  /** What comes out must be an app; its life is remembered. */
  async #told(blueprint: FactoryBlueprint, of: 'app' | 'filter', make: () => App | Promise<App>): Promise<App> {
    return located(blueprint, async () => {
      const app = await make();
      refuseWhatIsNoApp(app, blueprint, of);
      return this.life.adopt(app, (start) => located(blueprint, start));
    });
  }
}

async function applied(filters: readonly Filter[], app: App): Promise<App> {
  let filtered = app;
  for (const filter of filters.toReversed()) filtered = await filter(filtered);
  return filtered;
}

/** Faults: those of importFactory; NOT_A_FACTORY for a class, which cannot be called. */
async function importCallable({ context, factory }: FactoryBlueprint): Promise<AnyFactory> {
  const make = await importFactory(factory, faultContext(context));
  if (!isClass(make)) return make;
  const details = { module: fileURLToPath(factory.module), name: factory.export, found: 'class', group: factory.group };
  throw new Fault('NOT_A_FACTORY', details, faultContext(context));
}

/** Faults: APP_UNKNOWN, with the factory that returned it. */
function refuseWhatIsNoApp(app: unknown, { context, factory }: FactoryBlueprint, of: 'app' | 'filter'): void {
  const by = `${fileURLToPath(factory.module)}#${factory.export}`;
  const refuse = (found: string, cause?: unknown): never => {
    throw new Fault('APP_UNKNOWN', { found, by, of }, { ...faultContext(context), cause });
  };
  // A class that answers requests itself, with a static fetch, is an app like any other object that does.
  if (isClass(app) && typeof (app as { readonly fetch?: unknown }).fetch !== 'function')
    refuse(nameOf(app).replace('function', 'class'));
  try {
    recognise(app);
  } catch (error) {
    if (!isFault(error, 'APP_UNKNOWN')) throw error;
    refuse(error.details.found, error.cause);
  }
}

function isFault<C extends FaultCode>(error: unknown, code: C): error is Fault<C> {
  return error instanceof Fault && error.code === code;
}

async function settingsFor(blueprint: FactoryBlueprint, make: AnyFactory, ahead?: SettledAhead, tell?: Tell): Promise<never> {
  refuseStrangeOptions(blueprint, make);
  const { settled } = await settledApart(blueprint, ahead);
  return (settled === undefined ? await typedSettings(blueprint.context, make as Described, tell) : settled.values) as never;
}

/** A schema, or a table whose rows have a kind. Faults: OPTIONS_INVALID. */
function refuseStrangeOptions({ context, factory }: FactoryBlueprint, make: AnyFactory): void {
  const { options } = make as { readonly options?: unknown };
  if (options === undefined) return;
  const isObject = typeof options === 'object' && options !== null;
  if ((isObject || typeof options === 'function') && '~standard' in options) return;
  const isTable = isObject && !Array.isArray(options) && !(options instanceof Promise);
  const row = isTable ? Object.entries(options).find(([, candidate]) => !isRow(candidate)) : undefined;
  if (isTable && row === undefined) return;
  const key = row?.[0];
  const details = { ...foundOf(factory, options), found: options instanceof Promise ? 'promise' : typeOf(options), key };
  throw new Fault('OPTIONS_INVALID', details, faultContext(context));
}

function isRow(candidate: unknown): boolean {
  return typeof candidate === 'object' && candidate !== null && 'kind' in candidate;
}

/** What a factory would be given. `tell` is told what it warns of. Faults: those of importFactory and of typedSettings. */
export async function settingsOf(blueprint: FactoryBlueprint, tell?: Tell): Promise<unknown> {
  return settingsFor(blueprint, await importCallable(blueprint), undefined, tell);
}

async function madeServer(blueprint: FactoryBlueprint): Promise<Serve> {
  const { context, factory } = blueprint;
  const make = await importCallable(blueprint);
  const settings = await located(blueprint, () => settingsFor(blueprint, make));
  const globalConf = globalConfOf(context);
  if (factory.group === 'server_runner')
    return handled(blueprint, (source) => (make as unknown as ServerRunner)(source, globalConf, settings));
  const serve: unknown = await located(blueprint, () => (make as unknown as ServerFactory)(globalConf, settings));
  if (typeof serve === 'function') return handled(blueprint, serve as Serve);
  throw new Fault('NOT_A_SERVER', foundOf(factory, serve), faultContext(context));
}

/** What others hold of a running server; the rest of it is for those who know which one it is. */
const HANDLE = { url: 'string', ready: 'promise', closed: 'promise' } as const;

/** Its faults are its own, and shown at the option that they are about. Faults: FACTORY_FAILED, NOT_A_HANDLE. */
function handled(blueprint: FactoryBlueprint, serve: Serve): Serve {
  return async (source: AppSource): Promise<ServerHandle> => {
    const { context, factory } = blueprint;
    let handle: unknown;
    try {
      handle = await serve(source);
    } catch (error) {
      throw error instanceof Fault ? atItsOption(error, context) : locatedFault(error, context, factory);
    }
    const parts = Object(handle) as Readonly<Record<string, unknown>>;
    const missing = Object.entries(HANDLE).filter(([key, type]) => typeOf(parts[key]) !== type);
    if (missing.length === 0) return handle as ServerHandle;
    const details = { ...foundOf(factory, handle), found: nameOf(handle), missing: missing.map(([key]) => key) };
    throw new Fault('NOT_A_HANDLE', details, faultContext(context));
  };
}

/** The same where no file says the option: it is a default, or a flag. */
function atItsOption(fault: Fault, { settings, askedBy }: FactoryContext): Fault {
  const details = fault.details as { readonly key?: string; readonly value?: unknown };
  const { key, word } = fault.about ?? { key: details.key, word: details.value };
  const setting = settings.find((candidate) => candidate.key === key);
  if (fault.at !== undefined || setting?.at === undefined) return fault;
  const at = wordsOf(setting).find(({ text }) => text === word)?.at ?? valuePlace(setting);
  return new Fault(fault.code, fault.details, { at, askedBy, cause: fault.cause });
}

/** As typeof, and two more that it takes for objects. */
function typeOf(value: unknown): string {
  if (value === null) return 'null';
  const { then } = Object(value) as { readonly then?: unknown };
  return typeof then === 'function' ? 'promise' : typeof value;
}

function foundOf({ module, export: name }: FactoryRef, found: unknown): { module: string; name: string; found: string } {
  return { module: fileURLToPath(module), name, found: typeOf(found) };
}

/** What a factory throws knows no file: it is shown at its setting, or where the factory is asked for. */
async function located<T>({ context, factory }: FactoryBlueprint, make: () => T | Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    throw locatedFault(error, context, factory);
  }
}

function locatedFault(error: unknown, context: FactoryContext, { module, export: name }: FactoryRef): unknown {
  if (error instanceof FaultList || (error instanceof Fault && error.at !== undefined)) return error;
  if (!(error instanceof Fault)) {
    const message = error instanceof Error ? error.message : inspect(error);
    const details = { module: fileURLToPath(module), name, message };
    return new Fault('FACTORY_FAILED', details, { ...faultContext(context), cause: error });
  }
  const { keys, key = keys?.[0] } = error.details as { readonly key?: string; readonly keys?: readonly string[] };
  const setting = context.settings.find((candidate) => candidate.key === key);
  // What a flag says wrongly has no place: it is called as it was typed, and is known to whom it was said.
  if (context.settings.some(({ said }) => said !== undefined && said.by === key)) return error;
  const at = setting?.at ?? (key === undefined ? context.useAt : context.at);
  return new Fault(error.code, error.details, { at, askedBy: context.askedBy, cause: error.cause });
}
