// args.ts: the command line as a table: parsing and --help read the same rows.

import { parseArgs } from 'node:util';
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
  // Not strict, because Node's own words would name neither the option at fault nor one like it; each token is checked here.
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options: FLAGS,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) if (token.kind === 'option') checkOption(token);
  const isConfigGiven = positionals.length > 0 && !ASSIGNMENT.test(positionals[0]!);
  const config = isConfigGiven ? positionals[0] : undefined;
  const assignments = isConfigGiven ? positionals.slice(1) : positionals;
  const text = (name: keyof typeof FLAGS): string | undefined => values[name] as string | undefined;
  return {
    config,
    variables: Object.fromEntries(assignments.map(parseAssignment)),
    appName: text('app-name'),
    serverName: text('server-name'),
    trace: values.trace === true,
    version: values.version === true,
    help: values.help === true,
  };
}

interface OptionToken {
  readonly name: string;
  /** As it was typed: `-n`, `--app-name`. */
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function checkOption({ name, rawName, value, inlineValue }: OptionToken): void {
  const flag: Flag | undefined = Object.hasOwn(FLAGS, name) ? FLAGS[name as keyof typeof FLAGS] : undefined;
  const why = flag === undefined ? unknownOption(rawName) : misuse(flag, value, inlineValue === true);
  if (why !== undefined) throw new Fault('ARGUMENT_INVALID', { argument: rawName, why });
}

function unknownOption(rawName: string): string {
  const guess = rawName.startsWith('--') ? nearest(rawName.slice(2), Object.keys(FLAGS)) : undefined;
  return `there is no such option${guess === undefined ? '' : `; did you mean --${guess}?`}`;
}

function misuse(flag: Flag, value: string | undefined, isInline: boolean): string | undefined {
  if (flag.type === 'boolean') return value === undefined ? undefined : 'takes no value';
  // Behind a blank, what looks like an option is one: the value was forgotten.
  return value === undefined || (!isInline && value.startsWith('-')) ? 'needs a value' : undefined;
}

/** What stands first and looks like one is no CONFIG; a file of such a name is ./NAME. */
const ASSIGNMENT = /^[A-Za-z_][\w.-]*=/;

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
    'Usage: appserve [CONFIG] [name=value ...] [options]',
    '',
    'Serves the app that an ini file names: [app:main] on [server:main].',
    '',
    '  CONFIG                the ini file; CONFIG#NAME takes [app:NAME]. It may be left out: then development.ini,',
    '                        appserve.ini and others are looked for, here and upward as far as the project',
    '  name=value            a variable: wins over the value that the file has for it',
    '',
    'Options:',
    ...rows.map(([left, doc]) => `${left.padEnd(width)}  ${doc}`),
    '',
    'Examples:',
    '  appserve',
    '  appserve development.ini',
    '  appserve production.ini http_port=8081',
    '',
  ].join('\n');
}
