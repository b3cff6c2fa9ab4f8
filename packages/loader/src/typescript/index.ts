// The face of this folder: TypeScript that is served as it is written.
//
// What an app does not need is not loaded: a worker with an app in JavaScript gets nothing of this but isTypeScript.

import { Fault, type FaultContext } from '@appserve/core';

export { isTypeScript } from './extension.ts';

/**
 * For the main thread: compiles the module and all that it imports by a path into the cache, where the workers find it.
 *
 * Faults: TYPESCRIPT_SYNTAX, all of them; TSCONFIG_INVALID, TYPESCRIPT_UNAVAILABLE, MODULE_UNREADABLE.
 */
export async function prepareTypeScript(url: string, context: FaultContext): Promise<void> {
  const { prepareGraph } = await import('./prepare.ts');
  prepareGraph(url, context);
}

/** From here on import() and require() of TypeScript work in this thread. Again: nothing. */
export async function installTypeScript(): Promise<void> {
  const { installHooks } = await import('./install.ts');
  installHooks();
}

const CODES: ReadonlySet<unknown> = new Set([
  'TYPESCRIPT_SYNTAX',
  'TYPESCRIPT_UNAVAILABLE',
  'TSCONFIG_INVALID',
  'MODULE_UNREADABLE',
]);

/** What an import of TypeScript failed with, if it is a fault of this room. One that comes from another thread has lost its class. */
export function faultOfImport(error: unknown, context: FaultContext): Fault | undefined {
  const { code, details, at } = Object(error) as Fault;
  return CODES.has(code) ? new Fault(code, details, { ...context, at: at ?? context.at }) : undefined;
}
