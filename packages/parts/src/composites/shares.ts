// composites/shares.ts: a place between 0 and 1 becomes one of several, by their weights: a machine.

import { Fault } from '@appserve/core';

export class Shares<T> {
  readonly #values: readonly T[];
  /** Where each one ends. */
  readonly #ends: readonly number[];

  /** Faults: OPTION_REQUIRED where every weight is 0. */
  constructor(weighted: readonly (readonly [value: T, weight: number])[]) {
    if (!weighted.some(([, weight]) => weight > 0))
      throw new Fault('OPTION_REQUIRED', { key: 'an app', allowed: 'a name with a weight of 1 or more' });
    const sum = weighted.reduce((total, [, weight]) => total + weight, 0);
    let end = 0;
    this.#values = weighted.map(([value]) => value);
    this.#ends = weighted.map(([, weight]) => (end += weight) / sum);
  }

  /** `place`: from 0 on, below 1. */
  at(place: number): T {
    const found = this.#ends.findIndex((end) => place < end);
    return this.#values[found === -1 ? this.#values.length - 1 : found]!;
  }
}
