// commands.ts: every command, in the order in which help lists them. A command is a row here and a room in commands/.

import { command, type Command, type Operand } from './command.ts';
import { CONTROL_FLAGS, LOG_LEVEL_FLAGS, RUNNING_CONFIG, STATUS_FLAGS, STOP_FLAGS } from './control-flags.ts';
import {
  APP_SECTION_FLAGS,
  SAID_FLAGS,
  SECTION_FLAGS,
  SERVER_SECTION_FLAGS,
  SET_FLAGS,
  TALK_FLAGS,
  type Flags,
} from './flags.ts';
import { TEMPLATES } from './templates.ts';

const FOUND =
  'It may be left out: then development.ini, appserve.ini and others are looked for, here and upward as far as the project';

const CONFIG = {
  name: 'CONFIG',
  doc: `the ini file; CONFIG#NAME takes [app:NAME]. ${FOUND}`,
  isOptional: true,
} as const satisfies Operand;

const APP = 'the ini file, or an app without one: ./app.ts#app, shop:app, pkg:shop#main; CONFIG#NAME takes [app:NAME]';

const SERVED = { name: 'CONFIG', doc: `${APP}. ${FOUND}`, isOptional: true } as const satisfies Operand;

const ADDRESS = {
  name: 'ADDRESS',
  doc: 'where an app without a configuration is served: a port, host:port or a path; 127.0.0.1:8000 when left out',
  isOptional: true,
} as const satisfies Operand;

const VARIABLES = {
  name: 'name=value',
  doc: 'a variable: wins over the value that the file has for it',
  isOptional: true,
  isAssignment: true,
} as const satisfies Operand;

/** Of commands that are about a configuration, or about an app without one. */
const SUBJECT_FLAGS = { ...SECTION_FLAGS, ...SAID_FLAGS, ...TALK_FLAGS } as const satisfies Flags;

export const SERVE_FLAGS = {
  ...SUBJECT_FLAGS,
  browser: { type: 'boolean', short: 'b', doc: 'open a browser when the app is served' },
  'dry-run': { type: 'boolean', doc: 'do everything but serve: the server is settled, the app is loaded' },
  reload: { type: 'boolean', doc: 'for development: load again what changes, and show errors in the browser' },
} as const satisfies Flags;

export const BUILD_FLAGS = {
  annotate: { type: 'boolean', doc: 'print every value with its history, and build nothing; the words are sections then' },
  'dry-run': { type: 'boolean', doc: 'say what would change, and change nothing' },
  diff: { type: 'boolean', doc: 'show what would change in each file, and change nothing' },
  check: { type: 'boolean', doc: 'change nothing, and end with 4 where something would change' },
  force: { type: 'boolean', doc: 'write over files that were not generated, or were changed by hand since' },
} as const satisfies Flags;

const BUILDOUT_WORDS = {
  name: 'buildout.cfg part section:option=value',
  doc: 'the configuration, buildout.cfg when left out; the parts to build, else those that it lists; values that win over the file, with += and -= too',
  isOptional: true,
  isMany: true,
} as const satisfies Operand;

const SERVER_DOC = 'and every option of the server: --workers 4, --keepalive-timeout 5s, --no-date; appserve options lists them';

const serverFlags = async (): Promise<Flags> => (await import('./server-flags.ts')).SERVER_FLAGS;

export const CHECK_FLAGS = {
  ...SUBJECT_FLAGS,
  'no-import': { type: 'boolean', doc: 'import nothing: what modules export, and what factories take, is not checked' },
  format: { type: 'string', value: 'text|json|github|sarif', doc: 'how it is said; github: as workflow commands' },
} as const satisfies Flags;

export const CONFIG_FLAGS = {
  ...SERVER_SECTION_FLAGS,
  ...SAID_FLAGS,
  ...TALK_FLAGS,
  json: { type: 'boolean', doc: 'as JSON: by section, by key, with the origin of each value' },
  raw: { type: 'boolean', doc: 'what the file says, before anything is put in' },
  explain: { type: 'string', value: 'SECTION.KEY', doc: 'who says this one, and over whom: --explain server:main.socket' },
  'no-defaults': { type: 'boolean', doc: 'without what nobody says' },
} as const satisfies Flags;

export const GRAPH_FLAGS = {
  ...SUBJECT_FLAGS,
  format: { type: 'string', value: 'text|mermaid|json', doc: 'how it is drawn' },
} as const satisfies Flags;

/** It has no server. */
export const REQUEST_FLAGS = {
  ...APP_SECTION_FLAGS,
  ...SET_FLAGS,
  ...TALK_FLAGS,
  method: { type: 'string', short: 'm', value: 'METHOD', doc: 'GET when left out, or POST with --data' },
  header: {
    type: 'string',
    short: 'H',
    isMany: true,
    value: "'NAME: VALUE'",
    doc: 'a field of the request; several may be given',
  },
  data: { type: 'string', short: 'd', value: 'TEXT|@FILE', doc: 'the body: text, a file, or @- for standard input' },
  include: { type: 'boolean', short: 'i', doc: 'print the head of the answer too' },
  fail: { type: 'boolean', short: 'f', doc: 'end with code 1 where the status is 400 or more' },
} as const satisfies Flags;

export const OPTIONS_FLAGS = {
  schema: { type: 'boolean', doc: 'as JSON Schema' },
} as const satisfies Flags;

export const INIT_FLAGS = {
  buildout: { type: 'boolean', doc: 'the template buildout: its inis are generated' },
} as const satisfies Flags;

export const COMPLETION_FLAGS = {} as const satisfies Flags;

/** What is done where no command is named. */
export const SERVE = 'serve';

export const COMMANDS: Readonly<Record<string, Command<any>>> = {
  [SERVE]: command({
    summary: 'Serves the app that an ini file names: [app:main] on [server:main].',
    operands: [SERVED, ADDRESS, VARIABLES],
    flags: SERVE_FLAGS,
    furtherFlags: serverFlags,
    furtherDoc: SERVER_DOC,
    examples: [
      'appserve',
      'appserve development.ini',
      'appserve production.ini http_port=8081 --workers 4',
      'appserve ./app.ts#app 8000',
    ],
    load: () => import('./commands/serve.ts'),
  }),
  build: command({
    summary: 'Generates inis, start scripts and other files from a buildout configuration.',
    operands: [BUILDOUT_WORDS],
    flags: BUILD_FLAGS,
    examples: ['appserve build', 'appserve build production.cfg instance1', 'appserve build --check --diff'],
    load: () => import('./commands/build.ts'),
  }),
  check: command({
    summary: 'Says all that is wrong with a configuration, and what the start would warn of; serves nothing.',
    operands: [CONFIG, VARIABLES],
    flags: CHECK_FLAGS,
    furtherFlags: serverFlags,
    furtherDoc: SERVER_DOC,
    examples: ['appserve check production.ini', 'appserve check production.ini --format github'],
    load: () => import('./commands/check.ts'),
  }),
  config: command({
    summary: 'Prints what a configuration comes to, and who said each value. Secrets are masked.',
    operands: [CONFIG, VARIABLES],
    flags: CONFIG_FLAGS,
    furtherFlags: serverFlags,
    furtherDoc: SERVER_DOC,
    examples: ['appserve config development.ini', 'appserve config production.ini --explain server:main.socket'],
    load: () => import('./commands/config.ts'),
  }),
  graph: command({
    summary: 'Draws what a request comes to: filters, composites and what they mount.',
    operands: [CONFIG, VARIABLES],
    flags: GRAPH_FLAGS,
    examples: ['appserve graph development.ini', 'appserve graph development.ini --format mermaid'],
    load: () => import('./commands/graph.ts'),
  }),
  request: command({
    summary: 'Makes one request to the app, without a server.',
    operands: [{ name: 'CONFIG', doc: APP }, { name: 'PATH', doc: 'what is asked for, with its query: /shop?page=2' }, VARIABLES],
    flags: REQUEST_FLAGS,
    examples: [
      'appserve request development.ini /',
      "appserve request development.ini /items -d @item.json -H 'Content-Type: application/json'",
    ],
    load: () => import('./commands/request.ts'),
  }),
  init: command({
    summary: 'Makes a project in TypeScript: an app, its configuration, its test.',
    operands: [
      {
        name: 'TEMPLATE',
        doc: 'gateway, fetch, express, pyramid or buildout; gateway when left out',
        offers: TEMPLATES,
        isOptional: true,
      },
      { name: 'FOLDER', doc: 'where it is made; the working directory when left out. No file is overwritten', isOptional: true },
    ],
    flags: INIT_FLAGS,
    examples: ['appserve init', 'appserve init fetch shop', 'appserve init --buildout shop'],
    load: () => import('./commands/init.ts'),
  }),
  options: command({
    summary: 'Lists what a factory takes: each option with its default and its meaning.',
    operands: [{ name: 'PKG#NAME', doc: 'as `use` names it; @appserve/server#main when left out', isOptional: true }],
    flags: OPTIONS_FLAGS,
    examples: ['appserve options', 'appserve options @appserve/server#fastcgi', 'appserve options ./app.ts#main --schema'],
    load: () => import('./commands/options.ts'),
  }),
  completion: command({
    summary: 'Prints what makes a shell complete this command.',
    operands: [{ name: 'SHELL', doc: 'bash, zsh or fish', words: ['bash', 'zsh', 'fish'] }],
    flags: COMPLETION_FLAGS,
    examples: ['source <(appserve completion bash)', 'appserve completion fish > ~/.config/fish/completions/appserve.fish'],
    load: () => import('./commands/completion.ts'),
  }),
  status: command({
    summary: 'Tells how a server that runs goes: by its control_socket.',
    operands: [RUNNING_CONFIG, VARIABLES],
    flags: STATUS_FLAGS,
    examples: [
      'appserve status production.ini',
      'appserve status --control /run/site/control.sock --json',
      'appserve status --control /run/site/control.sock --ready',
    ],
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
  'log-level': command({
    summary: 'Has a logger of a server that runs say a level and what is graver, until the server ends.',
    operands: [{ name: 'LEVEL', doc: 'debug, info, warn, error or critical' }, RUNNING_CONFIG, VARIABLES],
    flags: LOG_LEVEL_FLAGS,
    examples: ['appserve log-level debug production.ini', 'appserve log-level debug --logger shop.cart'],
    load: () => import('./commands/log-level.ts'),
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
