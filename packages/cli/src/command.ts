// command.ts: how a command is declared: one row has its words, its flags, and where it is found when it is asked for.
//
// Law: a row imports nothing that takes time. What a command needs is imported by its own room, which `load` brings.

import type { COMMON_FLAGS, Flags, FlagValues } from './flags.ts';

export interface Operand {
  /** As help shows it: `CONFIG`. */
  readonly name: string;
  readonly doc: string;
  /** What it can be, where that is known. */
  readonly words?: readonly string[];
  /** What it may be among others: for completion. */
  readonly offers?: readonly string[];
  readonly isOptional?: true;
  /** As many as there are: the last operand only. */
  readonly isMany?: true;
  /** `name=value`, as many as there are; they come to `variables`. */
  readonly isAssignment?: true;
}

/** A flag of a table that was loaded because it was asked for. */
export interface FurtherFlag {
  /** Its name in the table. */
  readonly name: string;
  /** As it was typed: `--keepalive-timeout`. */
  readonly written: string;
  readonly value: string | undefined;
}

/** What was typed, taken apart. */
export interface Given<F extends Flags = Flags> {
  /** By position, without the assignments. */
  readonly operands: readonly string[];
  /** `name=value`; the last of a name wins. */
  readonly variables: Readonly<Record<string, string>>;
  readonly flags: FlagValues<F & typeof COMMON_FLAGS>;
  /** Those of `furtherFlags`, in the order in which they were typed. */
  readonly further: readonly FurtherFlag[];
}

export type Run<F extends Flags = Flags> = (given: Given<F>) => Promise<number>;

export interface Command<F extends Flags = Flags> {
  /** One line, for the list of commands. */
  readonly summary: string;
  readonly operands: readonly Operand[];
  readonly flags: F;
  /** Flags whose table takes time to load: it is loaded when a flag is none of the others. */
  readonly furtherFlags?: () => Promise<Flags>;
  /** What help says of them. */
  readonly furtherDoc?: string;
  /** Whole lines, for its help. */
  readonly examples: readonly string[];
  /** Gives the exit code. */
  readonly load: () => Promise<{ readonly run: Run<F> }>;
}

/** A row whose flags and whose run are held together by the compiler. */
export function command<const F extends Flags>(row: Command<F>): Command<F> {
  return row;
}
