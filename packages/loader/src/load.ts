// load.ts: what callers ask for, by the address of a configuration: the shape of paste.deploy's loadapp, loadfilter, loadserver and
// appconfig.

import type { App, AppSource, FactorySettings, Filter, GlobalConf, LivingApp, Serve } from '@appserve/core/app';
import { globalConfOf, localConfOf, receiverOf, type Context } from './context.ts';
import { opened, type LoadOptions, type Opened } from './open.ts';
import { mapFactories, resolveTree, type Blueprint } from './resolve.ts';
import type { Role } from './kinds.ts';
import { makeApp, newBuilder, type AppRecord } from './thread.ts';
import { settledApart } from './typed-settings.ts';

/** What will be made of a name. Nothing is imported. */
export async function loadPlan(uri: string, options: LoadOptions & { readonly kind?: Role } = {}): Promise<Context> {
  return opened(uri, options).plan(options.kind ?? 'app');
}

/** Where a package has a schema apart, the settings are settled here, before any worker starts. */
async function blueprint(role: Role, from: Opened): Promise<Blueprint> {
  return mapFactories(resolveTree(from.plan(role), from.library.folder), settledApart);
}

/** The app of `[app:NAME]`, built in this thread, with the life of all that was made for it. */
export async function loadLivingApp(uri: string, options: LoadOptions = {}): Promise<LivingApp> {
  return makeApp(await appRecord(uri, options));
}

/** The same without its life: nobody starts or closes it. */
export async function loadApp(uri: string, options: LoadOptions = {}): Promise<App> {
  const { app } = await loadLivingApp(uri, options);
  return app;
}

/** The same app as data: a server's workers build it, each for itself. Nothing of it is imported here. */
export async function loadAppSource(uri: string, options: LoadOptions = {}): Promise<AppSource> {
  return { module: new URL('thread.js', import.meta.url).href, export: makeApp.name, args: await appRecord(uri, options) };
}

async function appRecord(uri: string, options: LoadOptions): Promise<AppRecord> {
  const from = opened(uri, options);
  return { blueprint: await blueprint('app', from), library: from.library.record };
}

/** The filter of `[filter:NAME]`. */
export async function loadFilter(uri: string, options: LoadOptions = {}): Promise<Filter> {
  const from = opened(uri, options);
  return newBuilder(from.library).filter(await blueprint('filter', from));
}

/** What serves an app as `[server:NAME]` says; its options are settled, and nothing is bound yet. */
export async function loadServer(uri: string, options: LoadOptions = {}): Promise<Serve> {
  const from = opened(uri, options);
  return newBuilder(from.library).server(await blueprint('server', from));
}

export interface AppConfig {
  readonly globalConf: GlobalConf;
  readonly localConf: FactorySettings;
}

/** What the factory of `[app:NAME]` would be called with. Imports nothing, but its packages must be there. */
export async function appConfig(uri: string, options: LoadOptions = {}): Promise<AppConfig> {
  const from = opened(uri, options);
  const context = from.plan('app');
  resolveTree(context, from.library.folder);
  const receiver = receiverOf(context);
  return {
    globalConf: globalConfOf(receiver ?? context),
    localConf: receiver === undefined ? {} : localConfOf(receiver),
  };
}
