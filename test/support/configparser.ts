// configparser.ts: asks CPython's configparser what an ini text means, and compares the loader with its answer.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { FaultList, type Fault, type FaultCode } from '@appserve/core';
import { appConfig, type AppConfig } from '@appserve/loader';
import { faultsOf, pointed } from './faults.ts';
import { USE } from './nasty-ini.ts';
import { inRepository } from './repository.ts';

type Outcome = { readonly value: string } | { readonly error: string };
type Entry = readonly [key: string, raw: string, outcome: Outcome];

/** What test/support/configparser_oracle.py says of one text. */
export type Answer = Understood | Refused;

interface Understood {
  readonly defaults: readonly Entry[];
  readonly sections: readonly (readonly [name: string, entries: readonly Entry[]])[];
}

interface Refused {
  readonly error: string;
  /** Where Python stopped reading. */
  readonly line?: number;
  /** Of a ParsingError, which goes on to the end of the file. */
  readonly lines?: readonly number[];
  readonly option?: string;
}

/** One process for all texts. Python refuses a byte order mark, which we pass over: it is asked about the text behind it. */
export function askPython(texts: readonly string[]): readonly Answer[] {
  const { status, stdout, stderr } = spawnSync('python3', [inRepository('test/support/configparser_oracle.py')], {
    input: texts.map((text) => `${JSON.stringify(text.replace(/^\ufeff/, ''))}\n`).join(''),
    encoding: 'utf8',
    env: { ...process.env, PYTHONUTF8: '1' },
    maxBuffer: 2 ** 28,
  });
  assert.equal(status, 0, stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
}

export function isUnderstood(answer: Answer): answer is Understood {
  return 'sections' in answer;
}

/** How the loader differs from Python's answer about a text; nothing when it does not. `folder` has the module of USE. */
export async function differences(text: string, answer: Answer, folder: string): Promise<readonly string[]> {
  writeFileSync(`${folder}/site.ini`, text);
  if (!isUnderstood(answer)) return refusalDifferences(answer, await faultsOf(conf(folder, 'main')));
  const found: string[] = [];
  for (const name of new Set(['main', ...answer.sections.flatMap(([section]) => appName(section) ?? [])])) {
    if (hasSelfReference(answer, name) || answer.defaults.some(isSetWithVariable)) continue;
    const wanted = expectations(answer, name);
    const seen = await observation(folder, name);
    if (!seen.every((one) => wanted.includes(one)))
      found.push(`app ${JSON.stringify(name)}: Python has ${wanted.join(' or ')}, the loader ${seen.join(' and ')}`);
  }
  return found;
}

function conf(folder: string, name: string): Promise<AppConfig> {
  return appConfig('site.ini', { relativeTo: folder, name });
}

/** Python's str.strip(), whose white space is another set than JavaScript's. */
const AROUND =
  /^[\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;

/** The name by which a section is asked for, where it is one of an app. */
function appName(section: string): string | undefined {
  if (section === 'app' || section === 'application') return 'main';
  return /^(?:app|application):(.*)$/s.exec(section)?.[1]?.replaceAll(AROUND, '');
}

const CODES: Readonly<Record<string, FaultCode>> = {
  MissingSectionHeaderError: 'INI_NO_SECTION',
  ParsingError: 'INI_SYNTAX',
  DuplicateSectionError: 'SECTION_REPEATED',
  DuplicateOptionError: 'KEY_REPEATED',
  InterpolationMissingOptionError: 'INTERPOLATION_MISSING',
  InterpolationSyntaxError: 'INTERPOLATION_SYNTAX',
  InterpolationDepthError: 'INTERPOLATION_DEPTH',
};

/**
 * Python stops at the first error, but collects lines that it cannot read; we collect everything. So its error must be among
 * ours, and what we have above it must be such lines.
 */
function refusalDifferences(answer: Refused, faults: readonly Fault[]): string[] {
  const ours = faults.map(pointed).join(', ');
  const at = (line: number, code: string): boolean => faults.some((fault) => fault.code === code && fault.at?.line === line);
  if (answer.lines !== undefined) {
    const lines = faults.map((fault) => (fault.code === 'INI_SYNTAX' ? fault.at?.line : fault.code));
    return String(lines) === String(answer.lines)
      ? []
      : [`Python cannot read the lines ${String(answer.lines)}; the loader has ${ours}`];
  }
  const line = answer.line!;
  // The empty key twice: Python counts it as a repeated key, we as two lines without a key.
  const code = answer.option === '' ? 'INI_SYNTAX' : CODES[answer.error]!;
  const isSame = at(line, code) && faults.every((fault) => fault.at!.line >= line || fault.code === 'INI_SYNTAX');
  return isSame ? [] : [`Python has ${answer.error} at line ${line}; the loader has ${ours}`];
}

/** Such a `set` of [DEFAULT] has a value in each section, for which Python was not asked. */
function isSetWithVariable([key, raw]: Entry): boolean {
  return SET.test(key) && raw.includes('%(');
}

/** For us its own name in a value is what the value hides; for Python it is a circle (docs/reference/pastedeploy-differences.md). */
function hasSelfReference({ defaults, sections }: Understood, name: string): boolean {
  const own = sections.filter(([section]) => appName(section) === name).flatMap(([, entries]) => entries);
  return [...defaults, ...own].some(([key, raw]) => raw.includes(`%(${key})s`));
}

/** What the loader may say of an app, when it is right: what its factory would get, or codes of faults, any of which are right. */
function expectations({ defaults, sections }: Understood, name: string): readonly string[] {
  const named = sections.filter(([section]) => appName(section) === name);
  const found = named.length === 0 ? ['SECTION_MISSING'] : named.length > 1 ? ['SECTION_AMBIGUOUS'] : [];
  const broken = [...defaults.flatMap(errorOf), ...found];
  if (broken.length > 0) return broken;
  const entries = named[0]![1];
  const use = entries.find(([key]) => key === 'use');
  const errors = entries.flatMap(errorOf);
  if (use === undefined) return ['USE_MISSING', ...errors];
  if (errors.length > 0) return errors;
  // What stands below `use` and is indented continues it.
  if (values([use])['use'] !== USE) return ['USE_INVALID'];
  const inherited = defaults.filter(([key]) => !entries.some(([own]) => own === key));
  const sets = [...entries, ...inherited].filter(([key]) => SET.test(key));
  const additions = sets.map(([key, raw, outcome]): Entry => [key.replace(SET, ''), raw, outcome]);
  const locals = entries.filter((entry) => entry !== use && !sets.includes(entry));
  return [show({ ...values(defaults), ...values(additions) }, values(locals))];
}

const SET = /^set +/;

function errorOf([, , outcome]: Entry): readonly string[] {
  return 'error' in outcome ? [CODES[outcome.error]!] : [];
}

function values(entries: readonly Entry[]): Record<string, string> {
  return Object.fromEntries(entries.map(([key, , outcome]) => [key, (outcome as { value: string }).value]));
}

/** What the factory would get, or the codes of all faults. */
async function observation(folder: string, name: string): Promise<readonly string[]> {
  try {
    const { globalConf, localConf } = await conf(folder, name);
    return [show(globalConf, localConf).replaceAll(folder, '/here')];
  } catch (error) {
    const faults = error instanceof FaultList ? error.faults : [error as Fault];
    // Python counts to ten also where values go in a circle.
    return faults.map(({ code }) => (code === 'INTERPOLATION_CYCLE' ? 'INTERPOLATION_DEPTH' : code));
  }
}

/** With the order of the keys. */
function show(globals: Readonly<Record<string, string>>, locals: Readonly<Record<string, string>>): string {
  return JSON.stringify([Object.entries(globals), Object.entries(locals)]);
}
