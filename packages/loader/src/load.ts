// load.ts: what callers ask for, by the address of a configuration: the shape of paste.deploy's loadapp, loadfilter, loadserver and
// appconfig.

import { Faults, toErrorRecord } from '@appserve/core';
import type { App, AppSource, FactorySettings, Filter, GlobalConf, LivingApp, Serve } from '@appserve/core/app';
import { settingsOf } from './build.ts';
import { composingBuilder } from './composing.ts';
import { faultContext, globalConfOf, localConfOf, receiverOf, type Context } from './context.ts';
import { opened, type LoadOptions, type Opened } from './open.ts';
import { factoriesOf, mapFactories, resolveTree, type Blueprint } from './resolve.ts';
import type { Group, Role } from './kinds.ts';
import { readLogging } from './logging/read-logging.ts';
import { Planner } from './plan.ts';
import { failApp, makeApp, type AppRecord } from './thread.ts';
import { isTypeScript, prepareTypeScript } from './typescript/index.ts';
import { settledAhead } from './settled-ahead.ts';
import { settledApart } from './typed-settings.ts';

/** What will be made of a name. Nothing is imported. */
export async function loadPlan(uri: string, options: LoadOptions & { readonly kind?: Role } = {}): Promise<Context> {
  return opened(uri, options).plan(options.kind ?? 'app');
}

/** The same for every app, filter and server section of a file. Faults: those of all of them at once. */
export async function loadPlans(uri: string, options: LoadOptions = {}): Promise<readonly Context[]> {
  const from = opened(uri, options);
  const scope = await from.scope();
  return scope === undefined ? [] : from.library.whole(() => new Planner(from.library).planAll(scope));
}

/** Where a package has a schema apart, the settings are settled here, before any worker starts. */
async function blueprint(role: Role, from: Opened): Promise<Blueprint> {
  return mapFactories(resolveTree(await from.plan(role), from.library.folder), settledApart);
}

/** The app of `[app:NAME]`, built in this thread, with the life of all that was made for it. */
export async function loadLivingApp(uri: string, options: LoadOptions = {}): Promise<LivingApp> {
  return makeApp(await appRecord(opened(uri, options)));
}

/** The same without its life: nobody starts or closes it. */
export async function loadApp(uri: string, options: LoadOptions = {}): Promise<App> {
  const { app } = await loadLivingApp(uri, options);
  return app;
}

/** The same app as data: a server's workers build it, each for itself. Nothing of it is imported here. */
export async function loadAppSource(uri: string, options: LoadOptions = {}): Promise<AppSource> {
  const from = opened(uri, options);
  const [args, scope] = await Promise.all([appRecord(from), from.scope()]);
  const logging = scope === undefined ? undefined : readLogging(scope);
  return { module: new URL('thread.js', import.meta.url).href, export: makeApp.name, args, logging };
}

/** In its place, for a server that shall start all the same and say what is wrong: a worker that loads it fails with `error`. */
export function brokenAppSource(error: unknown): AppSource {
  return { module: new URL('thread.js', import.meta.url).href, export: failApp.name, args: toErrorRecord(error) };
}

const COMPOSITES: ReadonlySet<Group> = new Set(['composite_factory', 'composit_factory']);

async function appRecord(from: Opened): Promise<AppRecord> {
  const made = await blueprint('app', from);
  await prepareModules(made);
  // Only a composite asks for more while it is made; files of megabytes shall not be copied for nothing.
  const mayAsk = factoriesOf(made).some(({ factory }) => COMPOSITES.has(factory.group));
  if (!mayAsk) return { blueprint: made, library: undefined };
  const { documents, ...record } = from.library.record;
  // As it is now: looking at every section may read files that nobody asks for.
  const library = { ...record, documents: new Map(documents) };
  const scope = await from.scope();
  return scope === undefined
    ? { blueprint: made, library }
    : { blueprint: made, library, ahead: await settledAhead(from.library, scope) };
}

/** TypeScript is compiled here, once, and not by every worker. Faults: TYPESCRIPT_*, TSCONFIG_INVALID. */
async function prepareModules(made: Blueprint): Promise<void> {
  const faults = new Faults();
  for (const { context, factory } of factoriesOf(made)) {
    if (!isTypeScript(factory.module)) continue;
    await prepareTypeScript(factory.module, faultContext(context)).catch((error: unknown) => faults.add(error));
  }
  faults.end();
}

/** The filter of `[filter:NAME]`. */
export async function loadFilter(uri: string, options: LoadOptions = {}): Promise<Filter> {
  const from = opened(uri, options);
  return composingBuilder(from.library).filter(await blueprint('filter', from));
}

/** What serves an app as `[server:NAME]` says; its options are settled, and nothing is bound yet. */
export async function loadServer(uri: string, options: LoadOptions = {}): Promise<Serve> {
  const from = opened(uri, options);
  return composingBuilder(from.library).server(await blueprint('server', from));
}

/** What the factory of `[server:NAME]` would be given now: for a server that reloads. */
export async function loadServerSettings(uri: string, options: LoadOptions = {}): Promise<unknown> {
  const from = opened(uri, options);
  const made = await blueprint('server', from);
  return made.type === 'factory' ? settingsOf(made) : undefined;
}

export interface AppConfig {
  readonly globalConf: GlobalConf;
  readonly localConf: FactorySettings;
}

/** What the factory of `[app:NAME]` would be called with. Imports nothing, but its packages must be there. */
export async function appConfig(uri: string, options: LoadOptions = {}): Promise<AppConfig> {
  const from = opened(uri, options);
  const context = await from.plan('app');
  resolveTree(context, from.library.folder);
  const receiver = receiverOf(context);
  return {
    globalConf: globalConfOf(receiver ?? context),
    localConf: receiver === undefined ? {} : localConfOf(receiver),
  };
}
