// build.ts: contexts become living things: modules are imported, factories called. Apps are built in workers, servers in the
// main thread.

import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Fault, FaultList, type FaultContext } from '@appserve/core';
import { recognise } from '@appserve/core/app';
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

/** An AppSource export: what a worker calls to get its app. Faults: MODULE_FAILED, EXPORT_MISSING, NOT_A_FACTORY, FACTORY_FAILED. */
export async function buildApp({ context, factory }: Blueprint): Promise<App> {
  const make = (await importFactory(factory, faultContext(context))) as AppFactory;
  try {
    // Frozen here too: a thread wall thaws what crosses it.
    const app = await make(Object.freeze(context.globalConf), settingsOf(context));
    recognise(app);
    return app;
  } catch (error) {
    throw located(error, context, factory);
  }
}

/** What a factory throws knows no file: it is shown at its setting, or where the factory is asked for. */
function located(error: unknown, context: Context, { module, export: name }: FactoryRef): unknown {
  if (error instanceof FaultList || (error instanceof Fault && error.at !== undefined)) return error;
  if (!(error instanceof Fault)) {
    const message = error instanceof Error ? error.message : inspect(error);
    return new Fault(
      'FACTORY_FAILED',
      { module: fileURLToPath(module), name, message },
      { ...faultContext(context), cause: error },
    );
  }
  const { key } = error.details as { readonly key?: string };
  const setting = context.settings.find((candidate) => candidate.key === key);
  const at = setting === undefined ? (key === undefined ? context.useAt : context.at) : setting.at;
  return new Fault(error.code, error.details, { at, askedBy: context.askedBy, cause: error.cause });
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
  readonly check?: (settlement: Settlement<Options>, section: FaultContext) => void;
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
  const section: FaultContext = { at: context.at, askedBy: context.askedBy };
  const settlement = settle(options, [layer], section);
  check?.(settlement, section);
  return settlement.values;
}
