// composites/shares.ts: a place between 0 and 1 becomes one of several, by their weights: a machine.

export class Shares<T> {
  readonly #values: readonly T[];
  /** Where each one ends. */
  readonly #ends: readonly number[];

  /** At least one weight is not 0. */
  constructor(weighted: readonly (readonly [value: T, weight: number])[]) {
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
