// misuse.ts: a mistake in the command line, before it is a fault. Faults are of core, and core takes longer to load than --help to
// print: it is loaded when there is a mistake.

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
