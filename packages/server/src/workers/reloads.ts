// workers/reloads.ts: reloads that are asked for, and those who await them. Many at once are two: the one under way, and one more for
// what has changed since.

import { Fault, FaultList } from '@appserve/core';
import { Deferred } from '../deferred.ts';
import { describeError } from '../log.ts';

export class Reloads {
  readonly #begin: () => void;
  #current: Deferred<void> | undefined;
  #next: Deferred<void> | undefined;

  /** `begin`: starts one; `end` is called when it is over. */
  constructor(begin: () => void) {
    this.#begin = begin;
  }

  ask(): Promise<void> {
    if (this.#current !== undefined) return (this.#next ??= awaited()).promise;
    const { promise } = (this.#current = awaited());
    this.#begin();
    return promise;
  }

  /** With what went wrong, if something did. */
  end(error?: unknown): void {
    const [current, next] = [this.#current, this.#next];
    this.#current = next;
    this.#next = undefined;
    if (error === undefined) current?.resolve();
    else current?.reject(error);
    if (next !== undefined) this.#begin();
  }

  /** The server ends. */
  forget(): void {
    for (const waiting of [this.#current, this.#next])
      waiting?.reject(new Fault('NOT_SERVING', { what: 'reload', isStopping: true }));
  }
}

/** Who does not await it hears of a failure by the log. */
function awaited(): Deferred<void> {
  const deferred = new Deferred<void>();
  deferred.promise.catch(() => undefined);
  return deferred;
}

/** One line for each thing that is wrong: where, what, and what to do. */
export function reasons(error: unknown): string[] {
  return (error instanceof FaultList ? error.faults : [error]).map(reason);
}

function reason(error: unknown): string {
  if (!(error instanceof Fault)) return describeError(error);
  const { at, message, hint, cause } = error;
  // A worker that failed because of a fault is that fault.
  if (error.code === 'WORKER_FAILED') return cause instanceof Fault ? reason(cause) : message;
  const where = at === undefined ? '' : `${at.file}:${at.line}:${at.column}: `;
  return `${where}${message}${hint === undefined ? '' : ` (${hint})`}`;
}
