// lint/result.ts: what an app returned, between it and the server that asks for its pieces.

import type { GatewayResult } from '../contracts.ts';
import { FileWrapper } from '../file-wrapper.ts';
import { nameOf } from '../../name-of.ts';
import { iteratorOf, type AnyIterator } from '../pieces.ts';
import { check } from './broken.ts';
import type { LintedResponse } from './response.ts';

/** Faults: GATEWAY_RULE_BROKEN. What has no close() and is here as a whole is checked at once, and stays an array. */
export function lintedResult(result: unknown, response: LintedResponse): GatewayResult {
  // A server sends a file in a way of its own; there is nothing in it that an app could have done wrong.
  if (result instanceof FileWrapper) return result;
  // What is thrown here leaves the server without a result that it could close.
  if (!Array.isArray(result) || 'close' in result) return new LintedResult(result, response);
  for (const piece of result as unknown[]) response.piece(piece);
  response.end();
  return result as GatewayResult & unknown[];
}

function checkIterable(result: unknown): asserts result is GatewayResult {
  const isObject = typeof result === 'object' && result !== null && !(result instanceof Uint8Array);
  const isIterable = isObject && (Symbol.iterator in result || Symbol.asyncIterator in result);
  check(isIterable, 'G2', () => `returned ${nameOf(result)}`);
}

class LintedResult implements AsyncIterable<Uint8Array> {
  readonly #result: unknown;
  readonly #response: LintedResponse;
  #iterator: AnyIterator | undefined;
  #isClosed = false;

  constructor(result: unknown, response: LintedResponse) {
    this.#result = result;
    this.#response = response;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#next(), return: () => this.#return() };
  }

  async #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    check(!this.#isClosed, 'G47', () => 'asked for a piece behind close()');
    this.#response.ask();
    checkIterable(this.#result);
    this.#iterator ??= iteratorOf(this.#result);
    const { done, value } = await this.#iterator.next();
    if (done !== true) return { done: false, value: this.#response.piece(await value) };
    this.#response.end();
    return { done: true, value: undefined };
  }

  async #return(): Promise<IteratorResult<Uint8Array, undefined>> {
    await this.#iterator?.return?.();
    return { done: true, value: undefined };
  }

  async close(): Promise<void> {
    check(!this.#isClosed, 'G47', () => 'called close() again');
    this.#isClosed = true;
    await (this.#result as GatewayResult | undefined)?.close?.();
  }
}
