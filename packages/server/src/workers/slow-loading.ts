// workers/slow-loading.ts: in development, a worker that does not come back from loading the app is told: which, what it has read last, and
// where it is. Once; what changes next ends it in any case.

import inspector from 'node:inspector';
import { relative } from 'node:path';
import type { Logger } from '../log.ts';
import { stackOf, type StackOf } from './stack-of.ts';

/** Longer than nearly every app takes, shorter than anybody waits without wondering. */
const TOLD_AFTER_MS = 5_000;
const STACK_LIMIT_MS = 2_000;

interface Loading {
  readonly timer: NodeJS.Timeout;
  lastRead: string | undefined;
}

export class SlowLoading {
  readonly #log: Logger;
  readonly #loading = new Map<number, Loading>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** `threadId`: nothing where it is no thread. */
  begin(id: number, name: string, threadId: number | undefined): void {
    const timer = setTimeout(() => void this.#tell(id, name, threadId), TOLD_AFTER_MS).unref();
    this.#loading.set(id, { timer, lastRead: undefined });
  }

  read(id: number, path: string | undefined): void {
    const loading = this.#loading.get(id);
    if (loading !== undefined && path !== undefined) loading.lastRead = path;
  }

  /** It has loaded the app, could not, or is gone. */
  end(id: number): void {
    clearTimeout(this.#loading.get(id)?.timer);
    this.#loading.delete(id);
  }

  async #tell(id: number, name: string, threadId: number | undefined): Promise<void> {
    // Somebody who looks at it with a debugger has stopped it.
    if (inspector.url() !== undefined) return;
    const stack = threadId === undefined ? undefined : await stackOf(threadId, STACK_LIMIT_MS);
    const lastRead = this.#loading.get(id)?.lastRead;
    if (this.#loading.has(id)) this.#log.warn(describeSlowLoading(name, TOLD_AFTER_MS, lastRead, stack));
  }
}

/** Its stack is that of the code which keeps it; one that waits has none. */
function describeSlowLoading(name: string, forMs: number, lastRead: string | undefined, stack: StackOf | undefined): string {
  const file = lastRead === undefined ? '' : `; the last file it has read is ${inFolder(lastRead)}`;
  const said = `${name} has been loading the app for ${forMs / 1_000} s${file}`;
  if (stack === undefined) return said;
  return stack.type === 'stack' ? `${said}; it is here:\n${stack.stack}` : `${said}; it waits, or is in native code`;
}

function inFolder(path: string): string {
  const inside = relative(process.cwd(), path);
  return inside.startsWith('..') ? path : inside;
}
