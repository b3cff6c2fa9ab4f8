// workers/classes.ts: the classes that options name, imported in the worker that uses them: handler_class and environ_class.

import { Fault, type ExportRef } from '@appserve/core';
import type { HandlingServer, LivingApp } from '@appserve/core/app';
import type { HttpSettings } from '../settings.ts';

type Classes = Pick<HandlingServer, 'handlerClass' | 'environClass'>;

/** What an instance must be able to do. */
const METHODS = { handler_class: ['handle'], environ_class: [] } as const;

/** Faults: CLASS_INVALID, EXPORT_MISSING, and those of an import. */
export async function classesOf(
  { handlerClass, environClass }: Pick<HttpSettings, keyof Classes>,
  living: LivingApp,
): Promise<Classes> {
  return {
    handlerClass: handlerClass && (await classOf('handler_class', handlerClass, living)),
    environClass: environClass && (await classOf('environ_class', environClass, living)),
  };
}

async function classOf<C>(option: keyof typeof METHODS, ref: ExportRef, living: LivingApp): Promise<C> {
  const found = living.importExport === undefined ? await importPlainly(ref) : await living.importExport(ref);
  const { prototype } = Object(found) as { readonly prototype?: Readonly<Record<string, unknown>> };
  const missing = METHODS[option].find((method) => typeof prototype?.[method] !== 'function');
  if (typeof found === 'function' && prototype !== undefined && missing === undefined) return found as C;
  throw new Fault('CLASS_INVALID', { option, module: ref.module, name: ref.export, missing }, { at: ref.at });
}

async function importPlainly({ module, export: name, at }: ExportRef): Promise<unknown> {
  const exports = (await import(module)) as Readonly<Record<string, unknown>>;
  if (Object.hasOwn(exports, name)) return exports[name];
  throw new Fault('EXPORT_MISSING', { module, name, has: Object.keys(exports), nearest: undefined }, { at });
}
