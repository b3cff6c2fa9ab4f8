// modules.ts: from the place of a factory to the factory. The three ways to fail are three faults.

import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Fault, nearest, type ExportRef, type FaultContext } from '@appserve/core';
import { faultOfImport, installTypeScript, isTypeScript } from './typescript/index.ts';

export type AnyFactory = (...args: unknown[]) => unknown;

/** Faults: MODULE_FAILED, EXPORT_MISSING, NOT_A_FACTORY. */
export async function importFactory(ref: ExportRef & { readonly group: string }, context: FaultContext): Promise<AnyFactory> {
  const factory = await importExport(ref, context);
  if (typeof factory === 'function') return factory as AnyFactory;
  const found = factory === null ? 'null' : typeof factory;
  throw new Fault('NOT_A_FACTORY', { module: fileURLToPath(ref.module), name: ref.export, found, group: ref.group }, context);
}

/** An export, or with dots what is in it. Faults: MODULE_FAILED, EXPORT_MISSING. */
export async function importExport(ref: ExportRef, context: FaultContext): Promise<unknown> {
  const module = fileURLToPath(ref.module);
  const exports = await importModule(ref.module, context);
  if (Object.hasOwn(exports, ref.export)) return exports[ref.export];
  let [owner, found]: [unknown, unknown] = [undefined, exports];
  for (const name of ref.export.split('.')) {
    const has = namesIn(found);
    if (!Object.hasOwn(Object(found) as object, name))
      throw new Fault('EXPORT_MISSING', { module, name: ref.export, has, nearest: nearest(name, has) }, context);
    [owner, found] = [found, (found as Record<string, unknown>)[name]];
  }
  return typeof found === 'function' && !isClass(found) ? boundTo(owner, found as AnyFactory) : found;
}

export function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

/** A static method is called on its class; what it carries, such as `options`, it carries on. */
function boundTo(owner: unknown, method: AnyFactory): unknown {
  return Object.defineProperties(method.bind(owner), Object.getOwnPropertyDescriptors(method));
}

/** Static methods of a class are not enumerable. */
function namesIn(found: unknown): string[] {
  const names = Object.getOwnPropertyNames(Object(found));
  return typeof found === 'function' ? names.filter((name) => !['length', 'name', 'prototype'].includes(name)) : names;
}

/** Faults: MODULE_FAILED, TYPESCRIPT_*, TSCONFIG_INVALID. */
export async function importModule(url: string, context: FaultContext): Promise<Record<string, unknown>> {
  try {
    if (isTypeScript(url)) await installTypeScript();
    return exportsOf((await import(url)) as Record<string, unknown>);
  } catch (cause) {
    const fault = faultOfImport(cause, context);
    if (fault !== undefined) throw fault;
    // A module may throw anything, also what has no text of its own.
    const message = cause instanceof Error ? cause.message : typeof cause === 'string' ? cause : inspect(cause);
    if (cause instanceof SyntaxError) {
      const { locatedStack } = await import('./syntax-error.ts');
      cause.stack = locatedStack(url, cause);
    }
    throw new Fault('MODULE_FAILED', { module: fileURLToPath(url), message }, { ...context, cause });
  }
}

/**
 * To `import`, all that a CommonJS module exports is its default export; what compilers made of a module with `export default` says so
 * (`__esModule`, as TypeScript and Babel write it), and means the exports that its author has written.
 */
function exportsOf(exports: Record<string, unknown>): Record<string, unknown> {
  const { default: whole } = exports;
  const isCompiled = typeof whole === 'object' && whole !== null && (whole as { __esModule?: unknown }).__esModule === true;
  return isCompiled && Object.hasOwn(whole, 'default') ? (whole as Record<string, unknown>) : exports;
}
