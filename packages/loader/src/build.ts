// build.ts: blueprints become living things: modules are imported, factories called. Apps are built in workers, servers in the
// main thread.

import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Fault, FaultList } from '@appserve/core';
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
import { importFactory, type AnyFactory } from './modules.ts';
import type { Blueprint, FactoryBlueprint, WrappedBlueprint } from './resolve.ts';
import { settledApart, typedSettings, type Described } from './typed-settings.ts';

/** What composites are given. */
export type LoaderOf = (context: FactoryContext, builder: Builder) => Loader;

/** Makes the things of one app, and remembers the life of each. */
export class Builder {
  readonly life = new Life();
  readonly #loaderOf: LoaderOf;

  constructor(loaderOf: LoaderOf) {
    this.#loaderOf = loaderOf;
  }

  /** Faults: MODULE_FAILED, EXPORT_MISSING, NOT_A_FACTORY, NOT_A_FILTER, FACTORY_FAILED, APP_UNKNOWN, OPTION_*, SETTING_INVALID. */
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
    const make = await importFactory(factory, faultContext(context));
    return this.#told(blueprint, async () => {
      const settings = await settingsFor(blueprint, make);
      const globalConf = globalConfOf(context);
      return factory.group === 'app_factory'
        ? await (make as AppFactory)(globalConf, settings)
        : await (make as unknown as CompositeFactory)(this.#loaderOf(context, this), globalConf, settings);
    });
  }

  async #madeFilter(blueprint: FactoryBlueprint): Promise<Filter> {
    const { context, factory } = blueprint;
    const make = await importFactory(factory, faultContext(context));
    const globalConf = globalConfOf(context);
    const settings = await located(blueprint, () => settingsFor(blueprint, make));
    if (factory.group === 'filter_app_factory') {
      return (app) => this.#told(blueprint, () => (make as unknown as FilterAppFactory)(app, globalConf, settings));
    }
    const filter: unknown = await located(blueprint, () => (make as unknown as FilterFactory)(globalConf, settings));
    if (typeof filter !== 'function') throw new Fault('NOT_A_FILTER', foundOf(factory, filter), faultContext(context));
    await located(blueprint, () => this.life.adopt(filter));
    return (app) => this.#told(blueprint, () => (filter as Filter)(app));
  }

  /** What comes out must be an app; its life is remembered. */
  async #told(blueprint: FactoryBlueprint, make: () => App | Promise<App>): Promise<App> {
    return located(blueprint, async () => {
      const app = await make();
      recognise(app);
      return this.life.adopt(app);
    });
  }
}

async function applied(filters: readonly Filter[], app: App): Promise<App> {
  let filtered = app;
  for (const filter of filters.toReversed()) filtered = await filter(filtered);
  return filtered;
}

async function settingsFor(blueprint: FactoryBlueprint, make: AnyFactory): Promise<never> {
  const { settled } = await settledApart(blueprint);
  return (settled === undefined ? await typedSettings(blueprint.context, make as Described) : settled.values) as never;
}

/** What a factory would be given. Faults: those of importFactory and of typedSettings. */
export async function settingsOf(blueprint: FactoryBlueprint): Promise<unknown> {
  return settingsFor(blueprint, await importFactory(blueprint.factory, faultContext(blueprint.context)));
}

async function madeServer(blueprint: FactoryBlueprint): Promise<Serve> {
  const { context, factory } = blueprint;
  const make = await importFactory(factory, faultContext(context));
  const settings = await settingsFor(blueprint, make);
  const globalConf = globalConfOf(context);
  if (factory.group === 'server_runner') {
    return (source: AppSource): ServerHandle | Promise<ServerHandle> =>
      (make as unknown as ServerRunner)(source, globalConf, settings);
  }
  const serve: unknown = await located(blueprint, () => (make as unknown as ServerFactory)(globalConf, settings));
  if (typeof serve === 'function') return serve as Serve;
  throw new Fault('NOT_A_SERVER', foundOf(factory, serve), faultContext(context));
}

function foundOf({ module, export: name }: FactoryRef, found: unknown): { module: string; name: string; found: string } {
  return { module: fileURLToPath(module), name, found: found === null ? 'null' : typeof found };
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
  const { key } = error.details as { readonly key?: string };
  const setting = context.settings.find((candidate) => candidate.key === key);
  const at = setting?.at ?? (key === undefined ? context.useAt : context.at);
  return new Fault(error.code, error.details, { at, askedBy: context.askedBy, cause: error.cause });
}
