// direct.ts: an app without a configuration: `./app.ts#app`, `shop:app`, `./app.js#makeApp()`. The export is the app itself, as with
// `gunicorn module:app`; with brackets it is called and gives it.

import { basename, resolve } from 'node:path';
import type { AppSource, LivingApp } from '@appserve/core/app';
import { resolveExport } from './entry-points.ts';
import { exportedApp, type ExportRecord } from './exported-app.ts';
import { isFile } from './files.ts';
import { loadAppSource, loadLivingApp } from './load.ts';
import type { LoadOptions } from './open.ts';
import { isTypeScript, prepareTypeScript } from './typescript/index.ts';
import type { FactoryTarget } from './uri.ts';

/** What is to be served where no configuration is. */
export type DirectApp =
  /** A factory, by a name that `use` takes too. */
  | { readonly type: 'factory'; readonly uri: string }
  | { readonly type: 'export'; readonly target: FactoryTarget; readonly isCalled: boolean };

const FACTORY = /^(?:egg|pkg|call):/i;
const CONFIG = /^config:/i;
/** A module with the name of an export. `appserve.config.ts#admin` is a configuration. */
const IN_FILE = /^(.+\.[cm]?[jt]sx?)[#:]([\w$.]+)(\(\))?$/s;
const CONFIG_MODULE = /\.config\.[cm]?[jt]sx?$/;
/** `shop:app`, `@site/shop/web:app`, `./web:app`. One letter may be a drive. */
const IN_MODULE = /^([\w@~./-]{2,}):([\w$.]+)(\(\))?$/;
const IN_PACKAGE = /^(?:@[\w.~-]+\/)?[\w~-]+#[\w$.-]+$/;

const ENDINGS = ['ts', 'mts', 'cts', 'tsx', 'js', 'mjs', 'cjs', 'jsx'];

/** Nothing where the words name a configuration. */
export function parseDirect(written: string, folder: string): DirectApp | undefined {
  if (FACTORY.test(written)) return { type: 'factory', uri: written };
  if (CONFIG.test(written)) return undefined;
  const [, file, exported = '', brackets] = IN_FILE.exec(written) ?? [];
  if (file !== undefined) return CONFIG_MODULE.test(basename(file)) ? undefined : ofFile(file, exported, brackets !== undefined);
  const [, module, name = '', call] = IN_MODULE.exec(written) ?? [];
  if (module !== undefined) return ofModule(module, name, call !== undefined, folder);
  // `site#admin` is [app:admin] where there is a file of that name.
  const [path = ''] = written.split('#');
  return IN_PACKAGE.test(written) && !isFile(resolve(folder, path)) ? { type: 'factory', uri: `pkg:${written}` } : undefined;
}

function ofFile(path: string, name: string, isCalled: boolean): DirectApp {
  return { type: 'export', target: { type: 'file', path, name }, isCalled };
}

/** A file of the folder, with dots for slashes as Python writes it; else what `import` would find. */
function ofModule(module: string, name: string, isCalled: boolean, folder: string): DirectApp {
  const stems = [module, ...(/^\w+(?:\.\w+)+$/.test(module) ? [module.replaceAll('.', '/')] : [])];
  const path = stems.flatMap((stem) => ENDINGS.map((ending) => `${stem}.${ending}`)).find((one) => isFile(resolve(folder, one)));
  if (path !== undefined || /^\.{0,2}\//.test(module)) return ofFile(path ?? module, name, isCalled);
  return { type: 'export', target: { type: 'module', specifier: module, name }, isCalled };
}

/** For a server's workers. Faults: MODULE_MISSING, PACKAGE_*, TYPESCRIPT_*, TSCONFIG_INVALID; those of loadAppSource. */
export async function directAppSource(direct: DirectApp, options: LoadOptions = {}): Promise<AppSource> {
  if (direct.type === 'factory') return loadAppSource(direct.uri, options);
  const args = await recordOf(direct, options);
  return { module: new URL('exported-app.js', import.meta.url).href, export: exportedApp.name, args };
}

/** The same in this thread. Faults: also those of the app. */
export async function directLivingApp(direct: DirectApp, options: LoadOptions = {}): Promise<LivingApp> {
  return direct.type === 'factory' ? loadLivingApp(direct.uri, options) : exportedApp(await recordOf(direct, options));
}

async function recordOf(
  { target, isCalled }: DirectApp & { type: 'export' },
  { relativeTo = '.' }: LoadOptions,
): Promise<ExportRecord> {
  const ref = resolveExport(target, 'app', resolve(relativeTo), {});
  if (isTypeScript(ref.module)) await prepareTypeScript(ref.module, {});
  return { ref, isCalled };
}
