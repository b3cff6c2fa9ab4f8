// recipes/instance-ini.ts: the ini of an instance that has no template: its sections, each line with the option that it came from.

import { isAbsolute, join, relative } from 'node:path';
import type { Place } from '@appserve/core';
import { linesFrom, type GeneratedLine, type GeneratedText } from '../generate/generated.ts';
import type { Setting } from '../setting.ts';
import { socketsOf } from './addresses.ts';
import { accessLog, eventLog, hasLogs, type Log } from './instance-logs.ts';
import { PASSED_TO_APP } from './instance-options.ts';
import type { Part } from './part.ts';
import { inIni } from './quoting.ts';

const SERVER = '@appserve/server#main';
const BODY_SIZE = '1073741824';
const WORKERS = '4';

/** `workers`, or `threads` as Zope has it: how many requests an app that blocks can answer at once. Faults: PART_OPTION. */
export function workersOf(part: Part): string {
  const [workers, threads] = [part.text('workers'), part.text('threads')];
  if (workers !== undefined && threads !== undefined && workers !== threads)
    part.refuse('threads', `is another number than workers = ${workers}; keep one of them`);
  return workers ?? threads ?? WORKERS;
}

/** Faults: PART_OPTION. */
export function iniOf(part: Part): GeneratedText {
  const writer = new Writer(part);
  const globals = part.under('global.');
  if (globals.length > 0) writer.section('DEFAULT', new Map(), globals);
  const address = part.setting('http-address');
  // Others ask for the sockets: what nginx leads to must be what is listened on.
  if (part.setting('server.socket') !== undefined) part.refuse('server.socket', 'is said by http-address');
  const size = part.setting('max-request-body-size');
  writer.section(
    'server:main',
    new Map([
      ['use', line(SERVER, part.at)],
      ['socket', line(inIni(socketsOf(part).join(' ')), address?.at)],
      ['workers', line(workersOf(part), (part.setting('workers') ?? part.setting('threads'))?.at)],
      ['max_body_size', line(size?.value ?? BODY_SIZE, size?.at)],
    ]),
    part.under('server.'),
  );
  apps(part, writer);
  writer.raw('ini-additional');
  return writer.text;
}

function apps(part: Part, writer: Writer): void {
  const { value, at, isSecret } = part.required('app');
  const passed = PASSED_TO_APP.flatMap((key) => part.setting(key) ?? []).map((setting) => ({
    ...setting,
    key: setting.key.replaceAll('-', '_'),
  }));
  const use = { text: rebased(part, value), at, isSecret };
  const pipeline = part.lines('pipeline');
  const name = pipeline.length === 0 ? 'main' : (part.text('app-name') ?? 'app');
  writer.section(`app:${name}`, new Map([['use', use]]), [...passed, ...part.under('app.')]);
  const filters = new Map<string, Setting[]>();
  for (const setting of part.under('filter.')) {
    const [filter = '', ...key] = setting.key.split('.');
    if (key.length === 0) part.refuse(`filter.${setting.key}`, 'names a filter and no setting: filter.NAME.use = ...');
    filters.set(filter, [...(filters.get(filter) ?? []), { ...setting, key: key.join('.') }]);
  }
  for (const [filter, settings] of filters)
    writer.section(
      `filter:${filter}`,
      new Map(),
      settings.map((one) => (one.key === 'use' ? { ...one, value: rebased(part, one.value) } : one)),
    );
  if (pipeline.length === 0) return;
  const steps = pipeline.some(({ text }) => text === name) ? pipeline : [...pipeline, { text: name, at }];
  writer.list(
    'pipeline:main',
    'pipeline',
    steps.map(({ text, at: place }) => ({ text: rebased(part, text), from: place })),
  );
}

/** A file is named from the folder of the configuration; the ini stands elsewhere. */
function rebased(part: Part, use: string): string {
  const [, scheme = '', path, rest = ''] = /^((?:config|call):)?([^#:]+)([#:].*)?$/.exec(use) ?? [];
  if (path === undefined || isAbsolute(path) || !(scheme !== '' || /^\.{1,2}\//.test(path))) return use;
  if (scheme === 'call:' && !path.startsWith('.')) return use;
  const moved = relative(join(part.folder, 'etc'), part.path(path));
  return `${scheme}${inIni(moved.startsWith('.') ? moved : `./${moved}`)}${rest}`;
}

interface Value {
  readonly text: string;
  readonly at: Place | undefined;
  readonly isSecret: boolean;
}

function line(text: string, at: Place | undefined): Value {
  return { text, at, isSecret: false };
}

/** Sections one below the other, with an empty line between. */
class Writer {
  readonly #part: Part;
  readonly #lines: GeneratedLine[] = [];
  #isSecret = false;

  constructor(part: Part) {
    this.#part = part;
  }

  get text(): GeneratedText {
    return { lines: this.#lines, isSecret: this.#isSecret };
  }

  /** `over`: settings that win, and further ones. */
  section(name: string, values: Map<string, Value>, over: readonly Setting[]): void {
    for (const setting of over) {
      const { key, value, at, isSecret } = setting;
      for (const [index, text] of value.split('\n').entries())
        if (index > 0) this.#refuseComment(key, text, setting.lines[index]);
      values.set(key, { text: value, at, isSecret });
    }
    this.#header(name);
    for (const [key, { text, at, isSecret }] of values) {
      this.#isSecret ||= isSecret;
      // A line that goes on is indented.
      this.#lines.push(...linesFrom(`${key} = ${text.replaceAll('\n', '\n    ')}`, at));
    }
  }

  list(name: string, key: string, items: readonly GeneratedLine[]): void {
    for (const { text, from } of items) this.#refuseComment(key, text, from);
    this.#header(name);
    this.#lines.push({ text: `${key} =`, from: items[0]?.from });
    this.#lines.push(...items.map(({ text, from }) => ({ text: `    ${text}`, from })));
  }

  /** Here it is a line of a value: it must not vanish. Faults: PART_OPTION. */
  #refuseComment(key: string, text: string, at: Place | undefined): void {
    if (/^\s*[#;]/.test(text))
      this.#part.refuse(
        key,
        `${text.trim()} would be a comment in the ini; what is not meant to be there has its # in column 1`,
        at,
      );
  }

  /** Text of an ini, as it stands in an option. */
  raw(key: string): void {
    const setting = this.#part.setting(key);
    if (setting === undefined) return;
    this.#isSecret ||= setting.isSecret;
    this.#lines.push({ text: '', from: undefined });
    this.#lines.push(...setting.value.split('\n').map((text, index) => ({ text, from: setting.lines[index] ?? setting.at })));
  }

  #header(name: string): void {
    if (this.#lines.length > 0) this.#lines.push({ text: '', from: undefined });
    this.#lines.push({ text: `[${name}]`, from: this.#part.at });
  }
}

/** The sections of Python's logging.config; none where the part says nothing of logs. */
export function loggingOf(part: Part): GeneratedText {
  if (!hasLogs(part)) return { lines: [], isSecret: false };
  const [event, access] = [eventLog(part), accessLog(part)];
  const handlers = ['console', ...(event.file === undefined ? [] : ['eventlog']), 'accesslog'];
  const at = (part.setting('event-log') ?? part.setting('access-log'))?.at ?? part.at;
  const fixed = (...lines: readonly string[]): GeneratedLine[] => linesFrom(lines.join('\n'), at);
  const lines = [
    ...fixed('', '[loggers]', 'keys = root, access', '', '[handlers]', `keys = ${handlers.join(', ')}`),
    ...fixed('', '[formatters]', 'keys = generic, message', '', '[logger_root]'),
    ...linesFrom(`level = ${event.level}`, event.at.level ?? at),
    ...fixed(`handlers = ${event.file === undefined ? 'console' : 'console, eventlog'}`, '', '[logger_access]'),
    ...linesFrom(`level = ${access.level}`, access.at.level ?? at),
    ...fixed('handlers = accesslog', 'qualname = access', 'propagate = 0', '', '[handler_console]'),
    ...fixed('class = StreamHandler', 'args = (sys.stderr,)', 'level = NOTSET', 'formatter = generic'),
    ...(event.file === undefined ? [] : handlerSection('eventlog', event, 'generic', at)),
    ...handlerSection('accesslog', access, 'message', at),
    ...fixed('', '[formatter_generic]', 'format = %(asctime)s %(levelname)-7.7s [%(name)s] %(message)s'),
    ...fixed('', '[formatter_message]', 'format = %(message)s'),
  ];
  return { lines, isSecret: false };
}

function handlerSection(name: string, log: Log, formatter: string, at: Place | undefined): GeneratedLine[] {
  return [
    ...linesFrom(`\n[handler_${name}]`, at),
    ...linesFrom(`class = ${log.handler}`, log.at.handler ?? at),
    ...linesFrom(`args = ${log.args}`, log.at.args ?? at),
    ...linesFrom(`kwargs = ${log.kwargs}`, log.at.kwargs ?? at),
    ...linesFrom(`level = ${log.level}`, log.at.level ?? at),
    ...linesFrom(`formatter = ${formatter}`, at),
  ];
}
