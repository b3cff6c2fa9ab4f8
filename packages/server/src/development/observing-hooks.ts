// development/observing-hooks.ts: runs in the thread of Node's module hooks, where Node has no module.registerHooks: which files import
// reads. What is compiled there tells of itself.

import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { MessagePort } from 'node:worker_threads';
import { listenToReads, tellRead } from '@appserve/core';
import { wouldMend } from './missing.ts';
import { readsOf } from './reads.ts';

export function initialize(port: MessagePort): void {
  listenToReads((path) => {
    const reads = readsOf(path);
    if (reads.length > 0) port.postMessage(reads);
  });
}

export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    for (const path of wouldMend(specifier, context.parentURL)) tellRead(path);
    throw error;
  }
};

export const load: LoadHook = async (url, context, nextLoad) => {
  if (url.startsWith('file:')) tellRead(fileURLToPath(url.replace(/[?#].*$/s, '')));
  return nextLoad(url, context);
};
