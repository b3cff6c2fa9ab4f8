// logging/read-logging.ts: `[loggers]`, `[handlers]` and `[formatters]` of an ini become a configuration of logging: plain data.
//
// Source: logging.config.fileConfig of CPython. What differs on purpose: nothing is evaluated or imported, levels may be written in any
// of their spellings, all that is wrong is said at once with its place, and a relative path begins at the folder of the ini.
//
// Law: keys are found as ConfigParser finds them, without regard to case, and in [DEFAULT] where the section has none; other sections are
// not looked at.

import { dirname } from 'node:path';
import { Fault, Faults, gather, nearest, type FaultContext, type Place } from '@appserve/core';
import {
  levelOf,
  whyNoPattern,
  type FormatterConfig,
  type HandlerConfig,
  type LoggerConfig,
  type LoggingConfig,
} from '@appserve/core/log';
import type { Section } from '../ini/document.ts';
import type { Scope } from '../scope.ts';
import { given, wordsOf, type Setting, type Word } from '../setting.ts';
import { ArgumentMistake, handlerRow, HANDLERS, type Arguments } from './handlers.ts';
import { NotALiteral, parseLiteral, type Literal } from './literal.ts';

const ROOT = 'root';

/** Nothing where the file has no [loggers]. Faults: LOGGING_*, INTERPOLATION_* of these sections. */
export function readLogging(scope: Scope): LoggingConfig | undefined {
  const { sections } = scope.document;
  if (sections.has('loggers')) return new Reader(scope).read();
  refuseMisspelt(sections);
  return undefined;
}

/** What such a file says of logging would be passed over without a word. Another section may well have a name that is like it. */
function refuseMisspelt(sections: ReadonlyMap<string, Section>): void {
  const names = [...sections.keys()];
  if (!names.some((name) => OF_LOGGERS.test(name))) return;
  const like = nearest(
    'loggers',
    names.filter((name) => !OF_LOGGERS.test(name)),
  );
  if (like === undefined) return;
  throw new Fault('LOGGING_SECTION_MISSING', { section: 'loggers', nearest: like }, { at: sections.get(like)!.at });
}

const OF_LOGGERS = /^(?:handlers|formatters|(?:logger|handler|formatter)_.+)$/s;

class Reader {
  readonly #scope: Scope;
  readonly #folder: string;

  constructor(scope: Scope) {
    this.#scope = scope;
    this.#folder = dirname(scope.ref.file);
  }

  read(): LoggingConfig {
    const faults = new Faults();
    const formatters = faults.catch(() => this.#listed('formatter', (section) => this.#formatter(section)));
    const handlers = formatters && faults.catch(() => this.#listed('handler', (section) => this.#handler(section, formatters)));
    const loggers = handlers && faults.catch(() => this.#loggers(handlers));
    faults.end();
    return { loggers: Object.fromEntries(loggers!), handlers: Object.fromEntries(handlers!) };
  }

  /** What `[handlers]` lists, each by its name. */
  #listed<T>(kind: 'handler' | 'formatter' | 'logger', read: (section: Section, name: string) => T): Map<string, T> {
    const names = this.#namesOf(kind);
    const steps = names.map(
      (word) => () => [word.text, read(this.#section(`${kind}_${word.text}`, { at: word.at }), word.text)] as const,
    );
    return new Map(gather(steps));
  }

  #namesOf(kind: 'handler' | 'formatter' | 'logger'): readonly Word[] {
    const list = this.#section(`${kind}s`, { at: this.#scope.document.sections.get('loggers')!.at });
    return itemsOf(this.#required(list, 'keys'));
  }

  #section(name: string, context: FaultContext): Section {
    const { sections } = this.#scope.document;
    const found = sections.get(name);
    if (found !== undefined) return found;
    throw new Fault('LOGGING_SECTION_MISSING', { section: name, nearest: nearest(name, [...sections.keys()]) }, context);
  }

  /** As it is written for `isRaw`: a format is full of percent signs. */
  #setting(section: Section, key: string, isRaw = false): Setting | undefined {
    const { defaults } = this.#scope.document;
    const own = keyIn(section, key);
    const written = own ?? keyIn(defaults, key);
    if (written === undefined) return undefined;
    const raw = (own === undefined ? defaults : section).values.get(written)!;
    if (isRaw) return { ...given(written, raw.text), at: raw.at, lines: raw.lines };
    return own === undefined ? this.#scope.directive(section, written) : this.#scope.setting(section, written);
  }

  #required(section: Section, key: string): Setting {
    const setting = this.#setting(section, key);
    if (setting !== undefined) return setting;
    throw new Fault('LOGGING_KEY_MISSING', { section: section.name, key }, { at: section.at });
  }

  #formatter(section: Section): FormatterConfig {
    const written = this.#setting(section, 'class');
    const type = written === undefined || written.value === '' ? 'pattern' : formatterType(written);
    if (type !== 'pattern') return { type };
    const format = this.#setting(section, 'format', true);
    const datefmt = this.#setting(section, 'datefmt', true);
    const style = this.#setting(section, 'style', true);
    const defaults = this.#setting(section, 'defaults');
    const config: FormatterConfig = {
      type,
      ...(format === undefined ? {} : { format: format.value }),
      ...(datefmt === undefined ? {} : { datefmt: datefmt.value }),
      ...(style === undefined ? {} : { style: styleOf(style) }),
      ...(defaults === undefined ? {} : { defaults: plainDict(defaults) }),
    };
    const why = whyNoPattern(config);
    if (why === undefined) return config;
    throw new Fault(
      'LOGGING_VALUE_INVALID',
      { key: 'format', value: format!.value, allowed: `a format: ${why}` },
      placeOf(format!),
    );
  }

  #handler(section: Section, formatters: ReadonlyMap<string, FormatterConfig>): HandlerConfig {
    const name = this.#required(section, 'class');
    const row = handlerRow(name.value);
    if (row === undefined)
      throw new Fault(
        'LOGGING_CLASS_UNKNOWN',
        { kind: 'handler', name: name.value, known: Object.keys(HANDLERS) },
        placeOf(name),
      );
    const args = this.#setting(section, 'args');
    const kwargs = this.#setting(section, 'kwargs');
    const level = this.#setting(section, 'level');
    const formatter = this.#setting(section, 'formatter');
    const made = toldAt(args ?? name, name.value, () =>
      row.make(argumentsOf(row.parameters, row.required, args, kwargs), this.#folder),
    );
    return {
      to: made,
      level: level === undefined ? 0 : levelIn(level),
      formatter:
        formatter === undefined || formatter.value === '' ? { type: 'pattern' } : named('formatter', formatter, formatters),
      ...(name.at === undefined ? {} : { at: (args ?? name).at ?? name.at }),
    };
  }

  #loggers(handlers: ReadonlyMap<string, HandlerConfig>): (readonly [string, LoggerConfig])[] {
    const names = this.#namesOf('logger');
    const list = this.#setting(this.#section('loggers', {}), 'keys')!;
    if (!names.some(({ text }) => text === ROOT))
      throw new Fault(
        'LOGGING_VALUE_INVALID',
        { key: 'keys', value: list.value, allowed: 'a list with root in it' },
        placeOf(list),
      );
    return [...this.#listed('logger', (section, name) => this.#logger(section, name, handlers)).values()];
  }

  #logger(section: Section, name: string, handlers: ReadonlyMap<string, HandlerConfig>): readonly [string, LoggerConfig] {
    const level = this.#setting(section, 'level');
    const list = this.#required(section, 'handlers');
    const propagate = name === ROOT ? undefined : this.#setting(section, 'propagate');
    const words = list.value === '' ? [] : itemsOf(list);
    for (const { text, at } of words) {
      if (handlers.has(text)) continue;
      const like = nearest(text, [...handlers.keys()]);
      throw new Fault('LOGGING_NAME_UNKNOWN', { kind: 'handler', name: text, nearest: like }, { at: at ?? list.at });
    }
    const config: LoggerConfig = {
      ...(level === undefined ? {} : { level: levelIn(level) }),
      handlers: words.map(({ text }) => text),
      propagate: propagate === undefined || propagates(propagate),
    };
    return [name === ROOT ? '' : this.#required(section, 'qualname').value, config];
  }
}

function keyIn(section: Section, key: string): string | undefined {
  if (section.values.has(key)) return key;
  return [...section.values.keys()].find((candidate) => candidate.toLowerCase() === key);
}

function placeOf(setting: Setting): FaultContext {
  return { at: setting.lines[0] ?? setting.at };
}

/** Parted by commas, with blanks and line ends around them, as fileConfig reads them. */
function itemsOf(setting: Setting): Word[] {
  const places = new Map(wordsOf({ ...setting, value: setting.value.replaceAll(',', ' ') }).map(({ text, at }) => [text, at]));
  const items = setting.value.split(',').map((item) => item.trim());
  const isEmpty = items.length === 1 && items[0] === '';
  if (!isEmpty && items.includes(''))
    throw new Fault(
      'LOGGING_VALUE_INVALID',
      { key: setting.key, value: setting.value, allowed: 'names parted by single commas' },
      placeOf(setting),
    );
  return isEmpty ? [] : items.map((text) => ({ text, at: places.get(text) ?? setting.at }));
}

function levelIn(setting: Setting): number {
  const level = levelOf(setting.value);
  if (level !== undefined) return level;
  const allowed = 'DEBUG, INFO, WARNING, ERROR, CRITICAL or NOTSET';
  throw new Fault('LOGGING_VALUE_INVALID', { key: setting.key, value: setting.value, allowed }, placeOf(setting));
}

/** Python takes whole numbers only. */
function propagates(setting: Setting): boolean {
  if (/^[+-]?[0-9]+$/.test(setting.value)) return Number(setting.value) !== 0;
  throw new Fault('LOGGING_VALUE_INVALID', { key: setting.key, value: setting.value, allowed: '1 or 0' }, placeOf(setting));
}

function styleOf(setting: Setting): '%' | '{' | '$' {
  const { value } = setting;
  if (value === '%' || value === '{' || value === '$') return value;
  throw new Fault('LOGGING_VALUE_INVALID', { key: setting.key, value, allowed: '%, { or $' }, placeOf(setting));
}

function named<T>(kind: 'handler' | 'formatter', setting: Setting, known: ReadonlyMap<string, T>): T {
  const found = known.get(setting.value);
  if (found !== undefined) return found;
  const details = { kind, name: setting.value, nearest: nearest(setting.value, [...known.keys()]) };
  throw new Fault('LOGGING_NAME_UNKNOWN', details, placeOf(setting));
}

/** Packages of Python that many inis name, and ours. */
const FORMATTERS: Readonly<Record<string, FormatterConfig['type']>> = {
  'logging.Formatter': 'pattern',
  Formatter: 'pattern',
  'appserve.JsonFormatter': 'json',
  'appserve.ColorFormatter': 'pretty',
  'pythonjsonlogger.jsonlogger.JsonFormatter': 'json',
  'pythonjsonlogger.json.JsonFormatter': 'json',
  'logging_color_formatter.ColorFormatter': 'pretty',
};

function formatterType(setting: Setting): FormatterConfig['type'] {
  if (Object.hasOwn(FORMATTERS, setting.value)) return FORMATTERS[setting.value]!;
  const details = { kind: 'formatter', name: setting.value, known: Object.keys(FORMATTERS) } as const;
  throw new Fault('LOGGING_CLASS_UNKNOWN', details, placeOf(setting));
}

/** What `make` says about the arguments of a handler, where they stand. */
function toldAt<T>(setting: Setting, name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ArgumentMistake)) throw error;
    throw new Fault('LOGGING_ARGUMENTS_INVALID', { name, why: error.message }, placeOf(setting));
  }
}

/** As Python passes them: by position, then by name. */
function argumentsOf(
  parameters: readonly string[],
  required: readonly string[],
  args: Setting | undefined,
  kwargs: Setting | undefined,
): Arguments {
  const positional = args === undefined || args.value === '' ? [] : tupleIn(args);
  if (positional.length > parameters.length)
    throw new ArgumentMistake(
      `it takes ${parameters.length} ${parameters.length === 1 ? 'argument' : 'arguments'}, and args has ${positional.length}`,
    );
  const found = new Map(positional.map((value, index) => [parameters[index]!, value]));
  for (const [key, value] of kwargs === undefined || kwargs.value === '' ? [] : dictIn(kwargs)) {
    if (!parameters.includes(key)) throw new ArgumentMistake(`it has no argument ${key}: there are ${parameters.join(', ')}`);
    if (found.has(key)) throw new ArgumentMistake(`${key} stands in args and in kwargs`);
    found.set(key, value);
  }
  const missing = required.find((name) => !found.has(name));
  if (missing !== undefined) throw new ArgumentMistake(`${missing} is missing`);
  return found;
}

function literalIn(setting: Setting): Literal {
  try {
    return parseLiteral(setting.value);
  } catch (error) {
    if (!(error instanceof NotALiteral)) throw error;
    throw new Fault('LOGGING_LITERAL_INVALID', { key: setting.key, why: error.message }, { at: placeAt(setting, error.offset) });
  }
}

/** Where the line of the file says what the value says there; else where that line begins. */
function placeAt({ value, lines, at }: Setting, offset: number): Place | undefined {
  const before = value.slice(0, offset).split('\n');
  const line = lines[before.length - 1];
  if (line === undefined) return at;
  const column = line.column + before.at(-1)!.length;
  const rest = value.split('\n')[before.length - 1]!;
  // A variable has another length than what it stands for.
  return line.text?.slice(line.column - 1).trimEnd() === rest ? { ...line, column, length: 1 } : line;
}

function tupleIn(setting: Setting): readonly Literal[] {
  const literal = literalIn(setting);
  if (typeof literal === 'object' && literal !== null && (literal.type === 'tuple' || literal.type === 'list'))
    return literal.items;
  const allowed = `a tuple: with one element it is written (${setting.value.replace(/^\((.*)\)$/s, '$1')},)`;
  throw new Fault('LOGGING_VALUE_INVALID', { key: setting.key, value: setting.value, allowed }, placeOf(setting));
}

function dictIn(setting: Setting): [string, Literal][] {
  const literal = literalIn(setting);
  if (typeof literal === 'object' && literal?.type === 'dict') {
    const entries = literal.entries.filter((entry): entry is readonly [string, Literal] => typeof entry[0] === 'string');
    if (entries.length === literal.entries.length) return entries.map(([key, value]) => [key, value]);
  }
  const allowed = "a dict such as {'maxBytes': 1000000}";
  throw new Fault('LOGGING_VALUE_INVALID', { key: setting.key, value: setting.value, allowed }, placeOf(setting));
}

function plainDict(setting: Setting): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    dictIn(setting).map(([key, value]) => {
      if (typeof value === 'string' || typeof value === 'number') return [key, value];
      const allowed = 'a dict of strings and numbers';
      throw new Fault('LOGGING_VALUE_INVALID', { key: setting.key, value: setting.value, allowed }, placeOf(setting));
    }),
  );
}
