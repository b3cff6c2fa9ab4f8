// completion/fish.ts: for ~/.config/fish/completions/appserve.fish.

import type { Flag } from '../flags.ts';
import { choicesOf, firstSentence, offered, takesFile, type Completed } from './completed.ts';

export function fish(commands: readonly Completed[]): string {
  const names = commands.map(({ name }) => name);
  const lines = commands.flatMap((command) => [
    `complete -c appserve -n 'not __fish_seen_subcommand_from ${names.join(' ')}' -a ${command.name} -d ${word(command.summary)}`,
    ...linesOf(command, names),
  ]);
  return ['# Completes appserve in fish. Printed by: appserve completion fish', ...lines, ''].join('\n');
}

function linesOf({ name, isDefault, operands, flags }: Completed, names: readonly string[]): string[] {
  const others = names.filter((other) => other !== name);
  const when = isDefault ? `not __fish_seen_subcommand_from ${others.join(' ')}` : `__fish_seen_subcommand_from ${name}`;
  const known = offered(operands);
  return [
    ...(known.length === 0 ? [] : [`complete -c appserve -n '${when}' -f -a '${known.join(' ')}'`]),
    ...Object.entries(flags).map(([flag, row]) => `complete -c appserve -n '${when}' ${flagOf(flag, row)}`),
  ];
}

function flagOf(name: string, flag: Flag): string {
  const short = flag.short === undefined ? '' : ` -s ${flag.short}`;
  const choices = choicesOf(flag);
  const value =
    flag.type === 'boolean' ? '' : takesFile(flag) ? ' -r' : choices === undefined ? ' -x' : ` -x -a '${choices.join(' ')}'`;
  return `-l ${name}${short}${value} -d ${word(flag.doc)}`;
}

/** In single quotes fish knows two escapes. */
function word(doc: string): string {
  return `'${firstSentence(doc).replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
