// config.ts: `appserve config CONFIG`: what a configuration comes to, and who said each value.

import { Fault, nearest, orList } from '@appserve/core';
import {
  describeConfig,
  explainSetting,
  likelyPaths,
  type DescribedSection,
  type DescribedSetting,
  type Explained,
  type LoadOptions,
} from '@appserve/loader';
import { paintFor } from '../colour.ts';
import type { Given } from '../command.ts';
import type { CONFIG_FLAGS } from '../commands.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { givenConfig } from '../given-config.ts';
import { folded } from '../table.ts';

export async function run(given: Given<typeof CONFIG_FLAGS>): Promise<number> {
  const { flags } = given;
  const { uri, options } = await givenConfig(given);
  if (flags.explain !== undefined) return explain(uri, flags.explain, options, flags.json);
  const described = await describeConfig(uri, { ...options, defaults: !flags['no-defaults'] && !flags.raw });
  const sections = flags.raw ? described.map(rawSection) : described;
  process.stdout.write(flags.json ? asJson(sections) : asIni(sections));
  return EXIT_CODES.asked.code;
}

/** What files say, before anything is put in; what no file says is left out. */
function rawSection(section: DescribedSection): DescribedSection {
  const settings = section.settings.flatMap((setting) => (setting.raw === undefined ? [] : [{ ...setting, value: setting.raw }]));
  return { ...section, settings };
}

function asJson(sections: readonly DescribedSection[]): string {
  const entries = sections.map(({ name, settings }) => [
    name,
    Object.fromEntries(
      settings.map(({ key, value, origin, isSecret }) => [key, { value, origin, ...(isSecret && { secret: true }) }]),
    ),
  ]);
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

function asIni(sections: readonly DescribedSection[]): string {
  const rows = sections.flatMap(({ settings }) => settings.map(({ key, value }) => `${key} = ${value}`.length));
  const width = Math.min(COLUMN_MAX, Math.max(0, ...rows));
  return sections
    .map(({ name, settings }) => [`[${name}]`, ...settings.flatMap((setting) => linesOf(setting, width)), ''].join('\n'))
    .join('\n');
}

/** A value that is longer does not push the others' origins out of the window. */
const COLUMN_MAX = 60;

/** The origin stands in a comment of its own column; behind the first line of a list, the others are indented as inis have them. */
function linesOf({ key, value, origin }: DescribedSetting, width: number): string[] {
  const { dim } = paintFor(process.stdout);
  const [first = '', ...rest] = value.split('\n');
  return [`${`${key} = ${first}`.trimEnd().padEnd(width)}  ${dim(`; ${origin}`)}`, ...rest.map((line) => `    ${line}`)];
}

async function explain(uri: string, path: string, options: LoadOptions, isJson: boolean): Promise<number> {
  const { section, key } = await splitPath(uri, path, options);
  const explained = await explainSetting(uri, section, key, options);
  if (explained === undefined) return unknownKey(uri, { section, key }, options);
  process.stdout.write(isJson ? explainedAsJson(explained) : inWords(explained));
  return EXIT_CODES.asked.code;
}

/** Without the lines themselves, which may hold a secret. */
function explainedAsJson({ section, key, instead, said, parts, doc }: Explained): string {
  const data = {
    section,
    key,
    instead: instead ?? null,
    said: said.map(({ origin, value, raw = null }) => ({ origin, value, raw })),
    parts: parts.map(({ key: part, value, origin }) => ({ key: part, value, origin })),
    doc: doc ?? null,
  };
  return `${JSON.stringify(data, null, 2)}\n`;
}

function inWords({ section, key, instead, said, parts, doc }: Explained): string {
  const winner = instead === undefined ? said[0] : undefined;
  const others = instead === undefined ? said.slice(1) : said;
  const why = instead === undefined ? '' : `: ${instead.origin} says ${instead.key}, which takes its place`;
  const lines = [
    winner === undefined ? `${section}.${key} has no value${why}` : `${section}.${key} = ${winner.value}`,
    ...(winner === undefined
      ? []
      : [winner.origin === 'default' ? '  by default' : `  ${winner.origin} says so${writtenAs(winner)}`]),
    ...parts.map(({ key: part, value, origin }) => `    ${part} = ${value}, says ${origin}`),
    ...others.map(({ origin, value }) => `  over ${origin}: ${value}`),
    ...(doc === undefined ? [] : ['', ...folded(doc)]),
    '',
  ];
  return lines.join('\n');
}

function writtenAs({ value, raw }: Pick<DescribedSetting, 'value' | 'raw'>): string {
  return raw === undefined || raw === value ? '' : `: ${raw}`;
}

interface PathOfKey {
  readonly section: string;
  readonly key: string;
}

/** Sections and keys may have dots: the longest section that is there is meant. Faults: ARGUMENT_INVALID. */
async function splitPath(uri: string, path: string, options: LoadOptions): Promise<PathOfKey> {
  const sections = await describeConfig(uri, { ...options, defaults: false });
  const names = sections.map(({ name }) => name);
  const meant = names.filter((name) => path.startsWith(`${name}.`)).toSorted((one, other) => other.length - one.length)[0];
  if (meant !== undefined && path.length > meant.length + 1) return { section: meant, key: path.slice(meant.length + 1) };
  const likely = likelyPaths(path, names);
  const guess = likely.length === 0 ? '' : `; did you mean ${orList(likely)}?`;
  const why = `it is SECTION.KEY, with one of ${names.join(', ')}${guess}`;
  throw new Fault('ARGUMENT_INVALID', { argument: `--explain ${path}`, why });
}

async function unknownKey(uri: string, { section, key }: PathOfKey, options: LoadOptions): Promise<never> {
  const sections = await describeConfig(uri, options);
  const keys = sections.find(({ name }) => name === section)?.settings.map((setting) => setting.key) ?? [];
  const like = nearest(key, keys);
  const why = `nobody says ${key} in [${section}]${like === undefined ? '' : `; did you mean ${like}?`}`;
  throw new Fault('ARGUMENT_INVALID', { argument: `--explain ${section}.${key}`, why });
}
