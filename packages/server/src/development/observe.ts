// development/observe.ts: tells which files a worker reads when it imports and requires.
//
// Node 22.15 and later have module.registerHooks, in this thread and for both. Before, import is served by hooks in a thread of their own
// (observing-hooks.ts), and require by what every tool patches that hooks into it. Whoever compiles modules, and gives Node no file to
// read, tells of it by itself (core/reads.ts).

import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { listenToReads } from '@appserve/core';
import { wouldMend } from './missing.ts';
import { readsOf, type Read } from './reads.ts';

export interface Observer {
  /** Tells what is on its way from another thread: before the worker ends. */
  flush(): void;
  /**
   * Gives away the port by which another thread tells what it reads, where there is one: who has it hears also of what this thread never
   * comes back from, once it has been imported.
   */
  lend(give: (port: MessagePort) => void): void;
}

/** Of this thread: hooks stay. */
let observer: Observer | undefined;

/** To be called before anything of the app is imported; once. `tell`: at once, since an app may never come back from its loading. */
export function observe(tell: (reads: readonly Read[]) => void): Observer {
  return (observer ??= observing(tell));
}

function observing(tell: (reads: readonly Read[]) => void): Observer {
  const told = new Set<string>();
  const tellNew = (reads: readonly Read[]): void => {
    const fresh = reads.filter(({ path }) => !told.has(path));
    for (const { path } of fresh) told.add(path);
    if (fresh.length > 0) tell(fresh);
  };
  const onRead = (path: string): void => {
    if (!told.has(path)) tellNew(readsOf(path));
  };
  listenToReads(onRead);
  if (observeInThread(onRead)) return { flush: () => undefined, lend: () => undefined };
  observeRequire(onRead);
  return observeImport(tellNew);
}

interface Hooks {
  resolve<C extends { readonly parentURL?: string | undefined }, R>(
    specifier: string,
    context: C,
    next: (specifier: string, context: C) => R,
  ): R;
  load<C, R>(url: string, context: C, next: (url: string, context: C) => R): R;
}

/** Whether this Node can. */
function observeInThread(onRead: (path: string) => void): boolean {
  const { registerHooks } = nodeModule as { registerHooks?: (hooks: Hooks) => void };
  registerHooks?.({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        for (const path of wouldMend(specifier, context.parentURL)) onRead(path);
        throw error;
      }
    },
    load(url, context, next) {
      if (url.startsWith('file:')) onRead(fileURLToPath(url.replace(/[?#].*$/s, '')));
      return next(url, context);
    },
  });
  return registerHooks !== undefined;
}

interface CommonJsModule {
  readonly filename: string | null;
}

/** What Node's types leave out. */
interface Internals {
  _resolveFilename: (this: void, request: string, parent: CommonJsModule | undefined | null, ...rest: unknown[]) => string;
  readonly prototype: { load: (this: unknown, filename: string) => void };
}

function observeRequire(onRead: (path: string) => void): void {
  const internals = nodeModule.default as unknown as Internals;
  const { _resolveFilename: resolve } = internals;
  const { load } = internals.prototype;
  internals._resolveFilename = (request, parent, ...rest) => {
    try {
      return resolve(request, parent, ...rest);
    } catch (error) {
      for (const path of wouldMend(request, parent?.filename ?? undefined)) onRead(path);
      throw error;
    }
  };
  internals.prototype.load = function loadObserved(filename) {
    onRead(filename);
    load.call(this, filename);
  };
}

function observeImport(tell: (reads: readonly Read[]) => void): Observer {
  const { port1: here, port2: there } = new MessageChannel();
  here.on('message', (reads: readonly Read[]) => tell(reads));
  // That somebody might tell something is no reason to live.
  here.unref();
  nodeModule.register('./observing-hooks.js', { parentURL: import.meta.url, data: there, transferList: [there] });
  let isLent = false;
  const flush = (): void => {
    if (isLent) return;
    for (let left = receiveMessageOnPort(here); left !== undefined; left = receiveMessageOnPort(here))
      tell(left.message as readonly Read[]);
  };
  return {
    flush,
    lend: (give) => {
      flush();
      isLent = true;
      give(here);
    },
  };
}
