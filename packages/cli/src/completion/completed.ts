// completion/completed.ts: what a shell is told of a command, and how words are quoted for it.

import type { Operand } from '../command.ts';
import type { Flag, Flags } from '../flags.ts';

export interface Completed {
  readonly name: string;
  readonly summary: string;
  /** It is meant where no command is named. */
  readonly isDefault: boolean;
  readonly operands: readonly Operand[];
  readonly flags: Flags;
}

/** The words that stand for themselves. */
export function offered(operands: readonly Operand[]): string[] {
  return operands.flatMap(({ words = [], offers = [] }) => [...words, ...offers]);
}

/** The words that a value can be; nothing where it can be anything. */
export function choicesOf({ value = '' }: Flag): readonly string[] | undefined {
  return /^[a-z0-9-]+(?:\|[a-z0-9-]+)+$/.test(value) ? value.split('|') : undefined;
}

export function takesFile({ value = '' }: Flag): boolean {
  return /PATH|FILE/.test(value);
}

/** For a shell's single quotes; a quote ends them, stands alone, and they begin again. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The first sentence: shells show a line. */
export function firstSentence(doc: string): string {
  return /^.*?(?:[.:;](?= )|$)/s.exec(doc)![0].replace(/[.:;]$/, '');
}
