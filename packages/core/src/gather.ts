// gather.ts: several independent steps, and all that is wrong with them at once.

import { Fault, FaultList, throwFaults } from './faults.ts';

/** The result of each step. Faults: those of all steps together, each once. What is no Fault goes through at once. */
export function gather<T>(steps: readonly (() => T)[]): T[] {
  const faults = new Faults();
  const results: T[] = [];
  for (const step of steps) faults.catch(() => results.push(step()));
  faults.end();
  return results;
}

/** The same for steps that do not stand in a list. */
export class Faults {
  /** By what they say and where: one mistake that several steps meet is one mistake. */
  readonly #found = new Map<string, Fault>();

  catch<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      this.add(error);
      return undefined;
    }
  }

  add(error: unknown): void {
    if (!(error instanceof Fault) && !(error instanceof FaultList)) throw error;
    for (const fault of error instanceof FaultList ? error.faults : [error]) {
      const { file, line, column } = fault.at ?? {};
      this.#found.set([fault.code, file, line, column, fault.message].join(' '), fault);
    }
  }

  get found(): readonly Fault[] {
    return [...this.#found.values()];
  }

  end(): void {
    throwFaults(this.found);
  }
}
