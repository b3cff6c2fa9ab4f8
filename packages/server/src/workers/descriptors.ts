// workers/descriptors.ts: what a worker accepts from: the descriptors it was born with, then those it asks for.
//
// Law: the supervisor closes what a worker that ends has not adopted. So it is told before the descriptor is used: should the
// worker end in between, a descriptor is lost, and never one closed that by then is somebody else's.

export class Descriptors {
  readonly #inherited: (number | undefined)[];
  readonly #ask: (listener: number) => void;
  readonly #adopt: (descriptor: number) => void;
  readonly #waiting: ((descriptor: number) => void)[][];

  constructor(inherited: readonly number[], ask: (listener: number) => void, adopt: (descriptor: number) => void) {
    this.#inherited = [...inherited];
    this.#ask = ask;
    this.#adopt = adopt;
    this.#waiting = inherited.map(() => []);
  }

  /** A descriptor of the n-th listening socket that nobody else has. */
  next(listener: number): number | Promise<number> {
    const inherited = this.#inherited[listener];
    this.#inherited[listener] = undefined;
    if (inherited !== undefined) {
      this.#adopt(inherited);
      return inherited;
    }
    this.#ask(listener);
    return new Promise((resolve) => this.#waiting[listener]!.push(resolve));
  }

  /** One that was asked for: whoever has waited longest gets it. */
  arrive(listener: number, descriptor: number): void {
    const waiting = this.#waiting[listener]!.shift();
    if (waiting === undefined) return;
    this.#adopt(descriptor);
    waiting(descriptor);
  }
}
