// fuzzer.ts: tries a target with its corpus and with what is nearly that. What is found belongs into the corpus, so that it is tried
// for ever.

import { readdirSync, readFileSync } from 'node:fs';
import { Fault, FaultList } from '@appserve/core';
import { inRepository } from '../support/repository.ts';
import { mutated } from './mutations.ts';
import { TARGETS } from './targets.ts';

/** Of the processor, as a busy machine gives others the time between; quadratic is slower. */
const LIMIT_MS = 5_000;

export interface Finding {
  readonly bytes: Buffer;
  readonly error: Error;
}

export class Fuzzer {
  readonly #name: string;
  readonly #pieces: readonly Buffer[];
  readonly corpus: readonly (readonly [name: string, bytes: Buffer])[];

  constructor(name: string) {
    this.#name = name;
    const encoding = name === 'http1' || name === 'fastcgi' ? 'latin1' : 'utf8';
    this.#pieces = TARGETS[name]!.pieces.map((piece) => Buffer.from(piece, encoding));
    const folder = inRepository(`test/fuzz/corpus/${name}`);
    this.corpus = readdirSync(folder)
      .toSorted()
      .map((file) => [file, readFileSync(`${folder}/${file}`)]);
  }

  /** Nothing when all is well. */
  async attempt(bytes: Buffer): Promise<Finding | undefined> {
    const since = process.cpuUsage();
    try {
      await TARGETS[this.#name]!.attempt(bytes);
    } catch (error) {
      if (!(error instanceof Fault || error instanceof FaultList)) return { bytes, error: error as Error };
    }
    const { user, system } = process.cpuUsage(since);
    const tookMs = (user + system) / 1_000;
    return tookMs > LIMIT_MS ? { bytes, error: new Error(`it took ${Math.round(tookMs)} ms`) } : undefined;
  }

  /** The `nth` of those that this seed brings. */
  async attemptNth(seed: number, nth: number): Promise<Finding | undefined> {
    const corpus = this.corpus.map(([, bytes]) => bytes);
    return this.attempt(mutated(corpus, this.#pieces, seed, nth));
  }
}
