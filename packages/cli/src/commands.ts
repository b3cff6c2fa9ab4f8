// commands.ts: every command, in the order in which help lists them. A command is a row here and a room in commands/.

import { command, type Command, type Operand } from './command.ts';
import { CONTROL_FLAGS, RUNNING_CONFIG, STOP_FLAGS } from './control-flags.ts';
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
  status: command({
    summary: 'Tells how a server that runs goes: by its control_socket.',
    operands: [RUNNING_CONFIG, VARIABLES],
    flags: CONTROL_FLAGS,
    examples: ['appserve status production.ini', 'appserve status --control /run/site/control.sock --json'],
    load: () => import('./commands/status.ts'),
  }),
  top: command({
    summary: 'Shows how a server that runs goes, every second, until q is pressed.',
    operands: [RUNNING_CONFIG, VARIABLES],
    flags: CONTROL_FLAGS,
    examples: ['appserve top production.ini'],
    load: () => import('./commands/top.ts'),
  }),
  reload: command({
    summary: 'Has a server that runs read its configuration and code again; ends when the new workers serve.',
    operands: [RUNNING_CONFIG, VARIABLES],
    flags: CONTROL_FLAGS,
    examples: ['appserve reload production.ini'],
    load: () => import('./commands/reload.ts'),
  }),
  scale: command({
    summary: 'Gives a server that runs so many workers.',
    operands: [{ name: 'N', doc: 'how many' }, RUNNING_CONFIG, VARIABLES],
    flags: CONTROL_FLAGS,
    examples: ['appserve scale 4 production.ini'],
    load: () => import('./commands/scale.ts'),
  }),
  stop: command({
    summary: 'Stops a server that runs, when it has answered what is under way; ends when it has ended.',
    operands: [RUNNING_CONFIG, VARIABLES],
    flags: STOP_FLAGS,
    examples: ['appserve stop production.ini', 'appserve stop production.ini --now'],
    load: () => import('./commands/stop.ts'),
  }),
};

export function commandOf(name: string): Command {
  return COMMANDS[name]!;
}
