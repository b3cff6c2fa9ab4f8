// misuse.ts: a mistake in the command line, before it is a fault. Faults are of core, and core takes longer to load than --help to
// print: it is loaded when there is a mistake.

import type { Fault as FaultOfCore } from '@appserve/core';

export class Misuse extends Error {
  readonly argument: string;
  readonly why: string;
  /** Words of which one may be meant, and the word that was written instead. */
  readonly meant: { readonly written: string; readonly words: readonly string[]; readonly prefix: string } | undefined;

  constructor(argument: string, why: string, meant?: Misuse['meant']) {
    super(`${argument}: ${why}`);
    this.argument = argument;
    this.why = why;
    this.meant = meant;
  }
}

/** Throws the fault that the mistake is: ARGUMENT_INVALID, with the nearest word. What is no mistake goes on as it is. */
export async function throwFault(error: unknown, command: string | undefined): Promise<never> {
  if (!(error instanceof Misuse)) throw error;
  const { Fault, nearest } = await import('@appserve/core');
  const { argument, why, meant } = error;
  const like = meant && nearest(meant.written, meant.words);
  const guess = like === undefined ? '' : `; did you mean ${meant!.prefix}${like}?`;
  throw new Fault('ARGUMENT_INVALID', { argument, why: why + guess, command });
}

/** What a command says of its arguments leads to its own help. Anything else goes on as it is. */
export async function ofCommand(error: unknown, command: string): Promise<unknown> {
  const { Fault, FaultList } = await import('@appserve/core');
  const named = (fault: FaultOfCore): FaultOfCore => {
    if (fault.code !== 'ARGUMENT_INVALID') return fault;
    const { details, at, askedBy, cause } = fault as FaultOfCore<'ARGUMENT_INVALID'>;
    return new Fault('ARGUMENT_INVALID', { command, ...details }, { at, askedBy, cause });
  };
  if (error instanceof FaultList) return new FaultList(error.faults.map(named));
  return error instanceof Fault ? named(error) : error;
}
