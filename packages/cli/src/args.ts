// args.ts: the command line as a table: parsing and --help read the same rows.

import { parseArgs, type ParseArgsConfig } from 'node:util';
import { Fault, nearest } from '@appserve/core';

interface Flag {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  /** What stands for the value in help. */
  readonly value?: string;
  readonly doc: string;
}

const FLAGS = {
  'app-name': { type: 'string', short: 'n', value: 'NAME', doc: 'serve [app:NAME] instead of [app:main]' },
  'server-name': { type: 'string', value: 'NAME', doc: 'serve with [server:NAME] instead of [server:main]' },
  trace: { type: 'boolean', doc: 'print stack traces with errors of configuration' },
  version: { type: 'boolean', doc: 'print the version' },
  help: { type: 'boolean', short: 'h', doc: 'print this text' },
} as const satisfies Readonly<Record<string, Flag>>;

export interface Arguments {
  readonly config: string | undefined;
  /** `name=value`, in order; the last of a name wins. */
  readonly variables: Readonly<Record<string, string>>;
  readonly appName: string | undefined;
  readonly serverName: string | undefined;
  readonly trace: boolean;
  readonly version: boolean;
  readonly help: boolean;
}

/** Options may stand anywhere. Faults: ARGUMENT_INVALID. */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parse(argv);
  const [config, ...assignments] = positionals;
  return {
    config,
    variables: Object.fromEntries(assignments.map(parseAssignment)),
    appName: values['app-name'],
    serverName: values['server-name'],
    trace: values.trace ?? false,
    version: values.version ?? false,
    help: values.help ?? false,
  };
}

function parse(
  argv: readonly string[],
): ReturnType<typeof parseArgs<{ args: string[]; options: typeof FLAGS; allowPositionals: true }>> {
  const config = { args: [...argv], options: FLAGS, allowPositionals: true } as const satisfies ParseArgsConfig;
  try {
    return parseArgs(config);
  } catch (cause) {
    throw argumentFault(argv, cause as NodeJS.ErrnoException);
  }
}

function argumentFault(argv: readonly string[], cause: NodeJS.ErrnoException): Fault {
  const known = Object.keys(FLAGS);
  const unknown = argv.find((argument) => argument.startsWith('--') && !known.includes(argument.slice(2).split('=')[0]!));
  if (cause.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' && unknown !== undefined) {
    const guess = nearest(unknown.slice(2), known);
    return new Fault('ARGUMENT_INVALID', {
      argument: unknown,
      why: `there is no such option${guess === undefined ? '' : `; did you mean --${guess}?`}`,
    });
  }
  return new Fault('ARGUMENT_INVALID', { argument: argv.join(' '), why: cause.message.split('\n')[0]! });
}

function parseAssignment(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1)
    throw new Fault('ARGUMENT_INVALID', { argument: text, why: 'after the configuration file come assignments, name=value' });
  return [text.slice(0, at), text.slice(at + 1)];
}

export function helpText(): string {
  const rows = Object.entries(FLAGS).map(([name, flag]: [string, Flag]) => {
    const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
    return [`  ${short}--${name}${flag.value === undefined ? '' : ` ${flag.value}`}`, flag.doc] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    'Usage: appserve CONFIG [name=value ...] [options]',
    '',
    'Serves the app that an ini file names: [app:main] on [server:main].',
    '',
    '  CONFIG                the ini file; CONFIG#NAME takes [app:NAME]',
    '  name=value            a variable: wins over the value that the file has for it',
    '',
    'Options:',
    ...rows.map(([left, doc]) => `${left.padEnd(width)}  ${doc}`),
    '',
    'Examples:',
    '  appserve development.ini',
    '  appserve production.ini http_port=8081',
    '',
  ].join('\n');
}
