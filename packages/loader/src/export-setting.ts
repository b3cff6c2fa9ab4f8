// export-setting.ts: a setting that names an export, `handler_class = shop#Handler`: found, as `use` finds factories, and not
// imported. A relative path begins at the folder of the file that wrote it.

import { dirname } from 'node:path';
import { Fault, type ExportRef, type FaultContext } from '@appserve/core';
import type { FactoryContext } from './context.ts';
import { resolveExport } from './entry-points.ts';
import { shown, type Setting } from './setting.ts';
import { isTypeScript, prepareTypeScript } from './typescript/index.ts';
import { parseTarget } from './uri.ts';

/** In a package the key of the setting is the group. Faults: USE_INVALID, OPTION_INVALID, those of resolveExport and of prepareTypeScript. */
export async function exportOf(setting: Setting, { askedBy, scope }: FactoryContext): Promise<ExportRef> {
  const { key, value, at } = setting;
  const fault: FaultContext = { at, askedBy };
  const target = parseTarget(value.trim(), () => fault);
  if (target.type === 'section' || target.type === 'config')
    throw new Fault('OPTION_INVALID', { key, value: shown(setting), allowed: 'an export: pkg#Name or ./module.js#Name' }, fault);
  const file = setting.scope?.file ?? scope.file;
  const ref = resolveExport(target, key, file === undefined ? process.cwd() : dirname(file), fault);
  // Compiled here, once, and not by every worker.
  if (isTypeScript(ref.module)) await prepareTypeScript(ref.module, fault);
  return { ...ref, at };
}
