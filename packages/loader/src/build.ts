// build.ts: contexts become living things: modules are imported, factories called. Apps are built in workers, servers in the
// main thread.

import { fileURLToPath } from 'node:url';
import { Fault, type FaultContext } from '@appserve/core';
import type {
  App,
  AppFactory,
  AppSource,
  FactorySettings,
  Serve,
  ServerFactory,
  ServerHandle,
  ServerRunner,
} from '@appserve/core/app';
import type { Layer, Options, Settlement } from '@appserve/core/options';
import type { FactoryRef } from './entry-points.ts';
import { importFactory } from './modules.ts';
import type { Context } from './plan.ts';

/** A context whose factory has been found. Plain data: this is what a worker is sent. */
export interface Blueprint {
  readonly context: Context;
  readonly factory: FactoryRef;
}

/** An AppSource export: what a worker calls to get its app. Faults: MODULE_FAILED, EXPORT_MISSING, NOT_A_FACTORY, and the app's own errors. */
export async function buildApp({ context, factory }: Blueprint): Promise<App> {
  const make = (await importFactory(factory, faultContext(context))) as AppFactory;
  // Frozen here too: a thread wall thaws what crosses it.
  return make(Object.freeze(context.globalConf), settingsOf(context));
}

function faultContext({ useAt, askedBy }: Context): FaultContext {
  return { at: useAt, askedBy };
}

export function settingsOf({ settings }: Context): FactorySettings {
  return Object.fromEntries(settings.map(({ key, value }) => [key, value]));
}

/** What a server factory may carry: a table of options, and a check of how they go together. */
interface Described {
  readonly options?: Options;
  readonly check?: (settlement: Settlement<Options>) => void;
}

/** Faults: those of importFactory, and OPTION_* where the factory carries a table. */
export async function buildServer({ context, factory }: Blueprint): Promise<Serve> {
  const make = await importFactory(factory, faultContext(context));
  const { options, check } = make as Described;
  const settings = (options === undefined ? settingsOf(context) : await settled(context, options, check)) as never;
  switch (factory.group) {
    case 'server_factory':
      return checkServe(await (make as ServerFactory)(context.globalConf, settings), factory, context);
    case 'server_runner':
      return (source: AppSource): ServerHandle | Promise<ServerHandle> =>
        (make as unknown as ServerRunner)(source, context.globalConf, settings);
    case 'app_factory':
      throw new Fault('USE_INVALID', { use: factory.export, why: 'it makes an app, not a server' }, faultContext(context));
  }
}

function checkServe(serve: unknown, { module, export: name }: FactoryRef, context: Context): Serve {
  if (typeof serve === 'function') return serve as Serve;
  throw new Fault(
    'NOT_A_SERVER',
    { module: fileURLToPath(module), name, found: serve === null ? 'null' : typeof serve },
    faultContext(context),
  );
}

async function settled(context: Context, options: Options, check: Described['check']): Promise<unknown> {
  // Imported here: it brings zod, which workers do without.
  const { settle } = await import('@appserve/core/options');
  const layer: Layer = {
    name: context.at.file,
    entries: context.settings.map(({ key, value, at }) => ({ written: key, key, raw: value, at })),
    askedBy: context.askedBy,
  };
  const settlement = settle(options, [layer], { at: context.at, askedBy: context.askedBy });
  check?.(settlement);
  return settlement.values;
}
