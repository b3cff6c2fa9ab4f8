// load.ts: what callers ask for, by the address of an ini file: the shape of paste.deploy's loadapp, loadserver and appconfig.

import type { App, AppSource, FactorySettings, GlobalConf, Serve } from '@appserve/core/app';
import { buildApp, buildServer, settingsOf, type Blueprint } from './build.ts';
import { resolveFactory } from './entry-points.ts';
import type { Variables } from './ini/interpolate.ts';
import type { Kind } from './kinds.ts';
import { plan } from './plan.ts';
import { readConfig } from './read-config.ts';
import { isTypeScript, prepareTypeScript } from './typescript/index.ts';
import { parseConfigUri } from './uri.ts';

export interface LoadOptions {
  /** Which app or server of the file; else the fragment of the address, else `main`. */
  readonly name?: string | undefined;
  /** What a relative path is relative to; the working directory when left out. */
  readonly relativeTo?: string | undefined;
  /** `name=value` of the command line: wins over what the file says, and is never interpolated. */
  readonly globalConf?: Variables | undefined;
}

async function blueprint(kind: Kind, uri: string, options: LoadOptions): Promise<Blueprint> {
  const { path, name } = parseConfigUri(uri);
  const { planner, folder } = await readConfig(path, options.relativeTo ?? process.cwd(), options.globalConf ?? {});
  const context = plan(planner, kind, options.name ?? name ?? 'main');
  return { context, factory: resolveFactory(context, folder) };
}

/** The app of `[app:NAME]`, built in this thread. */
export async function loadApp(uri: string, options: LoadOptions = {}): Promise<App> {
  return buildApp(await blueprint('app', uri, options));
}

/** The same app as data: a server's workers build it, each for itself. Nothing of it is imported here. */
export async function loadAppSource(uri: string, options: LoadOptions = {}): Promise<AppSource> {
  const { context, factory } = await blueprint('app', uri, options);
  if (isTypeScript(factory.module)) await prepareTypeScript(factory.module, { at: context.useAt, askedBy: context.askedBy });
  return { module: new URL('build.js', import.meta.url).href, export: buildApp.name, args: { context, factory } };
}

/** What serves an app as `[server:NAME]` says; its options are settled, and nothing is bound yet. */
export async function loadServer(uri: string, options: LoadOptions = {}): Promise<Serve> {
  return buildServer(await blueprint('server', uri, options));
}

export interface AppConfig {
  readonly globalConf: GlobalConf;
  readonly localConf: FactorySettings;
}

/** What the factory of `[app:NAME]` would be called with. Imports nothing. */
export async function appConfig(uri: string, options: LoadOptions = {}): Promise<AppConfig> {
  const { context } = await blueprint('app', uri, options);
  return { globalConf: context.globalConf, localConf: settingsOf(context) };
}
