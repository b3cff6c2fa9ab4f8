// modules.ts: from the place of a factory to the factory. The three ways to fail are three faults.

import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Fault, nearest, type FaultContext } from '@appserve/core';
import type { FactoryRef } from './entry-points.ts';
import { locatedStack } from './syntax-error.ts';
import { faultOfImport, installTypeScript, isTypeScript } from './typescript/index.ts';

export type AnyFactory = (...args: unknown[]) => unknown;

/** Faults: MODULE_FAILED, EXPORT_MISSING, NOT_A_FACTORY; TYPESCRIPT_*, TSCONFIG_INVALID. */
export async function importFactory(ref: FactoryRef, context: FaultContext): Promise<AnyFactory> {
  const module = fileURLToPath(ref.module);
  if (isTypeScript(ref.module)) await installTypeScript();
  const exports = await (import(ref.module) as Promise<Record<string, unknown>>).catch((cause: unknown) => {
    const fault = faultOfImport(cause, context);
    if (fault !== undefined) throw fault;
    // A module may throw anything, also what has no text of its own.
    const message = cause instanceof Error ? cause.message : typeof cause === 'string' ? cause : inspect(cause);
    if (cause instanceof SyntaxError) cause.stack = locatedStack(ref.module, cause);
    throw new Fault('MODULE_FAILED', { module, message }, { ...context, cause });
  });
  const has = Object.keys(exports);
  if (!has.includes(ref.export)) {
    throw new Fault('EXPORT_MISSING', { module, name: ref.export, has, nearest: nearest(ref.export, has) }, context);
  }
  const factory = exports[ref.export];
  if (typeof factory !== 'function') {
    throw new Fault(
      'NOT_A_FACTORY',
      { module, name: ref.export, found: factory === null ? 'null' : typeof factory, group: ref.group },
      context,
    );
  }
  return factory as AnyFactory;
}
