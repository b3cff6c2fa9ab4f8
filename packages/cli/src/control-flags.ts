// control-flags.ts: what the commands have in common that speak to a server that runs.

import type { Operand } from './command.ts';
import type { Flags } from './flags.ts';

export const CONTROL_FLAGS = {
  control: {
    type: 'string',
    value: 'PATH',
    doc: 'the control socket of the server; else what control_socket of the CONFIG says',
  },
  'server-name': { type: 'string', value: 'NAME', doc: '[server:NAME] instead of [server:main]' },
  json: { type: 'boolean', doc: 'print what the server answers, as JSON' },
} as const satisfies Flags;

export const STATUS_FLAGS = {
  ...CONTROL_FLAGS,
  ready: { type: 'boolean', doc: 'only whether requests are answered: ends with code 1 where they are not' },
} as const satisfies Flags;

export const STOP_FLAGS = {
  ...CONTROL_FLAGS,
  now: { type: 'boolean', doc: 'cut what is under way' },
} as const satisfies Flags;

export const LOG_LEVEL_FLAGS = {
  ...CONTROL_FLAGS,
  logger: {
    type: 'string',
    value: 'NAME',
    doc: 'that logger, and those below it; appserve, the server itself, when left out; root is above all',
  },
} as const satisfies Flags;

export const RUNNING_CONFIG = {
  name: 'CONFIG',
  doc: 'the ini file that the server was started with; looked for like that of serve when it is left out',
  isOptional: true,
} as const satisfies Operand;
