// exported-app.ts: what runs in a worker where no configuration is: an export is the app itself, or makes it when it is called.

import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Fault, type ExportRef } from '@appserve/core';
import { isFactory, Life, recognise, type App, type LivingApp } from '@appserve/core/app';
import { importExport } from './modules.ts';
import { namedAsFactory } from './named-export.ts';

/** Plain data. */
export interface ExportRecord {
  readonly ref: ExportRef;
  /** `./app.js#makeApp()`. */
  readonly isCalled: boolean;
}

/** An AppSource export. Faults: MODULE_FAILED, EXPORT_MISSING, FACTORY_FAILED, NOT_AN_APP, TYPESCRIPT_*. */
export async function exportedApp({ ref, isCalled }: ExportRecord): Promise<LivingApp> {
  const found = await importExport(ref, {});
  const app = isCalled ? await called(found, ref) : found;
  const name = `${fileURLToPath(ref.module)}#${ref.export}`;
  if (isFactory(app)) {
    const why = 'it is a factory (globalConf, settings), not an app';
    throw new Fault('NOT_AN_APP', {
      name,
      why,
      isCalled,
      asFactory: isCalled ? undefined : namedAsFactory(relative(process.cwd(), fileURLToPath(ref.module)), ref.export),
    });
  }
  try {
    recognise(app);
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    const details = { name: isCalled ? `what ${name}() returns` : name, why: cause.message, isCalled };
    throw new Fault('NOT_AN_APP', details, { cause });
  }
  const life = new Life();
  await life.adopt(app);
  return {
    app: app as App,
    start: () => life.start(),
    close: () => life.close(),
    importExport: (other) => importExport(other, {}),
  };
}

async function called(make: unknown, { module, export: name }: ExportRef): Promise<unknown> {
  const details = { module: fileURLToPath(module), name };
  if (typeof make !== 'function') throw new Fault('NOT_A_FACTORY', { ...details, found: typeof make, group: 'app_factory' });
  try {
    return await (make as () => unknown)();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : inspect(cause);
    throw new Fault('FACTORY_FAILED', { ...details, message }, { cause });
  }
}
