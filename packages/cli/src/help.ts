// help.ts: --help of a command, printed from its row.

import type { Command, Operand } from './command.ts';
import { COMMANDS, SERVE } from './commands.ts';
import { COMMON_FLAGS, type Flag, type Flags } from './flags.ts';

const WIDTH = 110;

export function helpText(name: string, command: Command): string {
  const isWhole = name === SERVE;
  return [
    `Usage: ${usage(name, command)}`,
    ...(isWhole ? ['       appserve COMMAND ...'] : []),
    '',
    command.summary,
    '',
    ...rows(command.operands.map(({ name: operand, doc }) => [operand, doc])),
    ...(isWhole ? ['', 'Commands:', ...rows(commandRows())] : []),
    '',
    'Options:',
    ...rows(flagRows({ ...command.flags, ...COMMON_FLAGS })),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}

function usage(name: string, { operands }: Command): string {
  const words = ['appserve', ...(name === SERVE ? [] : [name]), ...operands.map(operandWord), '[options]'];
  return words.join(' ');
}

function operandWord({ name, isOptional, isAssignment }: Operand): string {
  const word = isAssignment === true ? `${name} ...` : name;
  return isOptional === true ? `[${word}]` : word;
}

type Row = readonly [left: string, doc: string];

function commandRows(): Row[] {
  return Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary]);
}

function flagRows(flags: Flags): Row[] {
  return Object.entries(flags).map(([name, flag]) => [flagWords(name, flag), flag.doc]);
}

function flagWords(name: string, { short, value }: Flag): string {
  return `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}

/** Two columns; what is too long for the second goes on below. */
function rows(all: readonly Row[]): string[] {
  const left = Math.max(0, ...all.map(([word]) => word.length));
  return all.flatMap(([word, doc]) =>
    folded(doc, WIDTH - left - 4).map((line, index) => `  ${(index === 0 ? word : '').padEnd(left)}  ${line}`),
  );
}

function folded(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
