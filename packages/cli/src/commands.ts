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

export const BUILD_FLAGS = {
  annotate: { type: 'boolean', doc: 'print every value with its history, and build nothing; the words are sections then' },
  'dry-run': { type: 'boolean', doc: 'say what would change, and change nothing' },
  diff: { type: 'boolean', doc: 'show what changes in each file' },
  check: { type: 'boolean', doc: 'change nothing, and end with 4 where something would change' },
  force: { type: 'boolean', doc: 'write over files that were not generated, or were changed by hand since' },
} as const satisfies Flags;

const BUILDOUT_WORDS = {
  name: 'buildout.cfg part section:option=value',
  doc: 'the configuration, buildout.cfg when left out; the parts to build, else those that it lists; values that win over the file, with += and -= too',
  isOptional: true,
  isMany: true,
} as const satisfies Operand;

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
  build: command({
    summary: 'Generates inis, start scripts and other files from a buildout configuration.',
    operands: [BUILDOUT_WORDS],
    flags: BUILD_FLAGS,
    examples: ['appserve build', 'appserve build production.cfg instance1', 'appserve build --check --diff'],
    load: () => import('./commands/build.ts'),
  }),
};

export function commandOf(name: string): Command {
  return COMMANDS[name]!;
}
