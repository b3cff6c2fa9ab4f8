// app/pieces.ts: what a gateway app returned, piece by piece: sync or async, checked, left early, closed once.

import { Fault } from '../faults.ts';
import type { GatewayResult } from './contracts.ts';
import { nameOf } from '../name-of.ts';

type Step = IteratorResult<unknown, unknown>;
export interface AnyIterator {
  next(): Step | Promise<Step>;
  return?(): unknown;
}

/** The pieces of a result, one by one, and its end, once. */
export class Pieces {
  readonly #result: GatewayResult;
  #iterator: AnyIterator | undefined;
  #isStepping = false;
  #isDone = false;
  #closed: Promise<void> | undefined;

  constructor(result: GatewayResult) {
    this.#result = result;
  }

  /** Nothing at the end. Faults: RESULT_INVALID, BODY_NOT_BYTES, and the app's own errors. */
  async next(): Promise<Uint8Array | undefined> {
    this.#iterator ??= iteratorOf(this.#result);
    this.#isStepping = true;
    try {
      const { done, value } = await this.#iterator.next();
      this.#isDone = done === true;
      return this.#isDone ? undefined : checkBytes(await value);
    } catch (error) {
      this.#isDone = true;
      throw error;
    } finally {
      this.#isStepping = false;
    }
  }

  /** Leaves an iteration that is not at its end, then calls close(). */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    try {
      const leaving = this.#isDone ? undefined : this.#iterator?.return?.();
      // A generator in the middle of a step returns only after that, and perhaps never: it is told, and not waited for.
      if (this.#isStepping) Promise.resolve(leaving).catch(() => undefined);
      else await leaving;
    } finally {
      await (this.#result as GatewayResult | undefined)?.close?.();
    }
  }
}

/** Faults: RESULT_INVALID. */
export function iteratorOf(result: unknown): AnyIterator {
  // Text is iterable too, but by chars; bytes are, but by numbers.
  if (typeof result === 'object' && result !== null && !(result instanceof Uint8Array)) {
    const found = result as { [Symbol.asyncIterator]?: () => AnyIterator; [Symbol.iterator]?: () => AnyIterator };
    const iterator = found[Symbol.asyncIterator]?.() ?? found[Symbol.iterator]?.();
    if (iterator !== undefined) return iterator;
  }
  throw new Fault('RESULT_INVALID', { found: nameOf(result) });
}

/** Faults: BODY_NOT_BYTES. */
export function checkBytes(bytes: unknown): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  throw new Fault('BODY_NOT_BYTES', { found: nameOf(bytes) });
}
