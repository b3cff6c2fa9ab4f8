// completion.ts: `appserve completion bash`: a script that makes the shell complete commands, flags and their values. It is printed
// from the tables, whole, so that completing starts no process.

import type { Given } from '../command.ts';
import { COMMANDS, SERVE, type COMPLETION_FLAGS } from '../commands.ts';
import { bash } from '../completion/bash.ts';
import { fish } from '../completion/fish.ts';
import type { Completed } from '../completion/completed.ts';
import { zsh } from '../completion/zsh.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { COMMON_FLAGS } from '../flags.ts';

const SHELLS: Readonly<Record<string, (commands: readonly Completed[]) => string>> = { bash, zsh, fish };

export async function run({ operands }: Given<typeof COMPLETION_FLAGS>): Promise<number> {
  const entries = Object.entries(COMMANDS).map(async ([name, { summary, operands: words, flags, furtherFlags }]) => {
    const all = { ...flags, ...COMMON_FLAGS, ...(await furtherFlags?.()) };
    return { name, summary, isDefault: name === SERVE, operands: words, flags: all };
  });
  process.stdout.write(SHELLS[operands[0]!]!(await Promise.all(entries)));
  return EXIT_CODES.asked.code;
}
