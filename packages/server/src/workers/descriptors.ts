// workers/descriptors.ts: what a worker accepts from: the descriptors it was born with, then those it asks for.

export class Descriptors {
  readonly #inherited: (number | undefined)[];
  readonly #ask: (listener: number) => void;
  readonly #waiting: ((descriptor: number) => void)[][];

  constructor(inherited: readonly number[], ask: (listener: number) => void) {
    this.#inherited = [...inherited];
    this.#ask = ask;
    this.#waiting = inherited.map(() => []);
  }

  /** A descriptor of the n-th listening socket that nobody else has. */
  next(listener: number): number | Promise<number> {
    const inherited = this.#inherited[listener];
    this.#inherited[listener] = undefined;
    if (inherited !== undefined) return inherited;
    this.#ask(listener);
    return new Promise((resolve) => this.#waiting[listener]!.push(resolve));
  }

  /** One that was asked for: whoever has waited longest gets it. */
  arrive(listener: number, descriptor: number): void {
    this.#waiting[listener]!.shift()?.(descriptor);
  }
}
