// commands.ts: every command, in the order in which help lists them. A command is a row here and a room in commands/.

import { command, type Command, type Operand } from './command.ts';
import { SECTION_FLAGS, type Flags } from './flags.ts';

const CONFIG = {
  name: 'CONFIG',
  doc: 'the ini file; CONFIG#NAME takes [app:NAME]. It may be left out: then development.ini, appserve.ini and others are looked for, here and upward as far as the project',
  isOptional: true,
} as const satisfies Operand;

const VARIABLES = {
  name: 'name=value',
  doc: 'a variable: wins over the value that the file has for it',
  isOptional: true,
  isAssignment: true,
} as const satisfies Operand;

export const SERVE_FLAGS = {
  ...SECTION_FLAGS,
  reload: { type: 'boolean', doc: 'for development: load again what changes, and show errors in the browser' },
} as const satisfies Flags;

/** What is done where no command is named. */
export const SERVE = 'serve';

export const COMMANDS: Readonly<Record<string, Command<any>>> = {
  [SERVE]: command({
    summary: 'Serves the app that an ini file names: [app:main] on [server:main].',
    operands: [CONFIG, VARIABLES],
    flags: SERVE_FLAGS,
    examples: ['appserve', 'appserve development.ini', 'appserve production.ini http_port=8081'],
    load: () => import('./commands/serve.ts'),
  }),
};

export function commandOf(name: string): Command {
  return COMMANDS[name]!;
}
