// ini-file.ts: one ini in a folder of its own, beside a module with an app, read once.

import { appConfig, type AppConfig, type LoadOptions } from '@appserve/loader';
import type { FactorySettings } from '@appserve/core/app';
import { appFactory, folderWith } from './packages.ts';

/** `use = ./app.mjs` finds an app. */
export const APP_MODULE = { 'app.mjs': appFactory('main') };

/** What the factory of `[app:main]`, or of the app that is named, would be called with. */
export async function confOf(lines: readonly string[], options: LoadOptions = {}): Promise<AppConfig> {
  using folder = folderWith({ 'site.ini': lines.join('\n'), ...APP_MODULE });
  return await appConfig('site.ini', { relativeTo: folder.path, ...options });
}

/** The settings of `[app:main]` with these lines in it. */
export async function settingsOf(...lines: readonly string[]): Promise<FactorySettings> {
  const { localConf } = await confOf(['[app:main]', 'use = ./app.mjs', ...lines]);
  return localConf;
}
