// workers/reloads.ts: reloads that are asked for, and those who await them. Many at once are two: the one under way, and one more for
// what has changed since.

import { appErrorOf, Fault, FaultList, stackText } from '@appserve/core';
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

/** Each thing that is wrong by itself: where, what, what to do; and the stack of what the app has thrown. */
export function reasons(error: unknown): string[] {
  if (error instanceof FaultList) return error.faults.flatMap(reasons);
  if (!(error instanceof Fault)) return [describeError(error)];
  // A worker that failed because of a fault is that fault.
  const isAround = error.code === 'WORKER_FAILED' && (error.cause instanceof Fault || error.cause instanceof FaultList);
  return isAround ? reasons(error.cause) : [reason(error)];
}

function reason(fault: Fault): string {
  const { at, message, hint } = fault;
  const where = at === undefined ? '' : `${at.file}:${at.line}:${at.column}: `;
  const cause = appErrorOf(fault);
  const stack = cause === undefined ? '' : `\n${stackText(cause)}`.replaceAll('\n', '\n  ');
  return `${where}${message}${hint === undefined ? '' : ` (${hint})`}${stack}`;
}
