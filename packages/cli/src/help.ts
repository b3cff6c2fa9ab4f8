// help.ts: --help of a command, printed from its row.

import type { Command, Operand } from './command.ts';
import { COMMANDS, SERVE } from './commands.ts';
import { COMMON_FLAGS, type Flag, type Flags } from './flags.ts';
import { columns, folded, PAGE_WIDTH, type Row } from './table.ts';

export function helpText(name: string, command: Command): string {
  const isWhole = name === SERVE;
  return [
    `Usage: ${usage(name, command)}`,
    ...(isWhole ? ['       appserve COMMAND ...'] : []),
    '',
    command.summary,
    '',
    ...columns(command.operands.map(({ name: operand, doc }) => [operand, doc])),
    ...(isWhole ? ['', 'Commands:', ...columns(commandRows())] : []),
    '',
    'Options:',
    ...columns(flagRows({ ...command.flags, ...COMMON_FLAGS })),
    ...(command.furtherDoc === undefined ? [] : folded(command.furtherDoc, PAGE_WIDTH - 2).map((line) => `  ${line}`)),
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

function commandRows(): Row[] {
  return Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary]);
}

function flagRows(flags: Flags): Row[] {
  return Object.entries(flags).map(([name, flag]) => [flagWords(name, flag), flag.doc]);
}

function flagWords(name: string, { short, value }: Flag): string {
  return `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}
