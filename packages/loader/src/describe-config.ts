// describe-config.ts: what a configuration comes to: each section with what its factory is given, and who said each value.
//
// Of servers the options that nobody says are there too, with their defaults: for that the module of the server is imported. Apps are
// not: who asks what a configuration says does not ask to run anything.

import { gather, MASK, type Place } from '@appserve/core';
import { receiverOf, type Context, type FactoryContext } from './context.ts';
import { optionRows, type OptionRow } from './describe-options.ts';
import { readSettings } from './directives.ts';
import type { RawValue, Section } from './ini/document.ts';
import { isSecretName } from './ini/secret-name.ts';
import { opened, type LoadOptions, type Opened } from './open.ts';
import { Planner } from './plan.ts';
import { folderOf } from './resolve.ts';
import { readDocument } from './read-config.ts';
import { sectionName, type Scope } from './scope.ts';
import { withoutSecrets } from './secrets.ts';
import type { Setting } from './setting.ts';
import { strongerSpelling, withoutWeakerSpellings } from './spellings.ts';
import type { Said } from './said.ts';
import { SAID_LAYERS } from './said-by.ts';

export interface DescribedSetting {
  readonly key: string;
  /** Masked where it is a secret. */
  readonly value: string;
  /** As it stands in the file, before anything was put in; nothing where no file says it. */
  readonly raw: string | undefined;
  /** `development.ini:7`, `--workers`, `APPSERVE_WORKERS`, `command line`, `default`. */
  readonly origin: string;
  readonly at: Place | undefined;
  readonly isSecret: boolean;
}

export interface DescribedSection {
  readonly name: string;
  readonly at: Place;
  readonly settings: readonly DescribedSetting[];
}

/** `defaults`: with the options of servers that nobody says. Faults: those of the plan, of all sections at once. */
export async function describeConfig(
  uri: string,
  { defaults = true, ...options }: LoadOptions & { readonly defaults?: boolean } = {},
): Promise<readonly DescribedSection[]> {
  const from = opened(uri, options);
  const scope = await from.scope();
  if (scope === undefined) return [];
  const { server = 'main' } = options;
  if (server !== 'main') scope.find('server', server, {});
  const plans = await planned(from, scope);
  const globals = [...scope.globals.values()]
    .filter(({ key, at }) => at !== undefined || !BUILTINS.has(key))
    .map((setting) => described(setting, scope, scope.document.defaults));
  const first = { name: scope.document.defaults.name, at: scope.document.defaults.at, settings: globals };
  const sections: DescribedSection[] = [first];
  for (const { section, context } of plans) {
    const receiver = context && receiverOf(context);
    const rows = receiver?.role === 'server' ? await optionRows(receiver, folderOf(receiver, from.library.folder)) : undefined;
    const effective =
      rows === undefined ? (receiver?.settings ?? []) : withoutWeakerSpellings(receiver!.settings, rows.spellings);
    const said = context === undefined ? plain(scope, section) : inOrder(scope, section, receiver, effective);
    const silent = (rows?.rows ?? []).filter(({ key }) => defaults && !said.some((setting) => setting.key === key));
    sections.push({ name: section.name, at: section.at, settings: [...said, ...silent.flatMap(ofDefault)] });
  }
  const secrets = plans
    .flatMap(({ context }) => (context && receiverOf(context)?.settings) ?? [])
    .concat(...scope.globals.values());
  return hidden(
    sections,
    secrets.filter(isWritten).map((setting) => ({ ...setting, isSecret: true })),
  );
}

/** A secret that the file itself writes: it may stand in other values as it is. One that is shorter may be a word of any value. */
function isWritten({ key, value }: Setting): boolean {
  return isSecretName(key) && value.length >= 8;
}

/** What another value has in itself is no less a secret. */
function hidden(sections: readonly DescribedSection[], secrets: readonly Setting[]): DescribedSection[] {
  const hide = (text: string): string => withoutSecrets(text, secrets);
  return sections.map((section) => ({
    ...section,
    settings: section.settings.map((setting) => ({
      ...setting,
      value: hide(setting.value),
      raw: setting.raw && hide(setting.raw),
    })),
  }));
}

interface Planned {
  readonly section: Section;
  /** Nothing for a section that makes nothing. */
  readonly context: Context | undefined;
}

function planned({ library }: Opened, scope: Scope): Promise<Planned[]> {
  return library.whole(() => {
    const planner = new Planner(library);
    const sections = [...scope.document.sections.values()];
    return gather(
      sections.map((section) => () => {
        const named = sectionName(section.name);
        return { section, context: named && planner.plan(named.role, named.name, scope) };
      }),
    );
  });
}

/** The keys of the section as they stand there, then what it gets from elsewhere: from sections that it uses. */
function inOrder(
  scope: Scope,
  section: Section,
  receiver: FactoryContext | undefined,
  effective: readonly Setting[],
): DescribedSetting[] {
  const settings = new Map(effective.map((setting) => [setting.key, setting]));
  const dropped = new Set((receiver?.settings ?? []).filter((setting) => !effective.includes(setting)).map(({ key }) => key));
  const own = [...section.values.keys()].filter((key) => !dropped.has(key));
  const first = own.map((key) => described(settings.get(key) ?? scope.directive(section, key)!, scope, section));
  const rest = effective.filter(({ key }) => !own.includes(key));
  return [...first, ...rest.map((setting) => described(setting, scope, section))];
}

/** Of sections of others: a percent sign may mean something else there, as in those of loggers. */
function plain(scope: Scope, section: Section): DescribedSetting[] {
  try {
    return [...readSettings(scope, section).values()].map((setting) => described(setting, scope, section));
  } catch {
    return [...section.values].map(([key, raw]) => {
      const setting = { key, value: raw.text, at: raw.at, lines: raw.lines, isSecret: false, scope: scope.ref };
      return described(setting, scope, section);
    });
  }
}

function described(setting: Setting, scope: Scope, section: Section): DescribedSetting {
  const { key, at } = setting;
  const raw: RawValue | undefined = section.values.get(key);
  const isSecret = setting.isSecret || isSecretName(key);
  return {
    key,
    value: shownValue(setting),
    raw: raw === undefined || raw.said !== undefined ? undefined : shownValue({ key, value: raw.text, isSecret: false }),
    origin: originOf(setting, scope),
    at,
    isSecret,
  };
}

function originOf({ said, at, key }: Setting, scope: Scope): string {
  if (said !== undefined) return said.by;
  if (at !== undefined) return lineOf(at);
  if (scope.vars.has(key)) return 'command line';
  // Of the caller: `development.ini?http_port=8081`.
  return 'address';
}

/** What every file has. */
const BUILTINS: ReadonlySet<string> = new Set(['here', '__file__']);

function lineOf({ file, line }: Place): string {
  return `${file}:${line}`;
}

const PASSWORD_IN_URL = /(\/\/[^/\s:@]*:)[^/\s@]+(?=@)/g;

/** Secrets are masked: what came from the environment or a file of its own, and what is called a secret or stands in a URL as one. */
function shownValue({ key, value, isSecret, masked = value }: Pick<Setting, 'key' | 'value' | 'isSecret' | 'masked'>): string {
  if (isSecret || (isSecretName(key) && value !== '')) return MASK;
  return masked.replaceAll(PASSWORD_IN_URL, `$1${MASK}`);
}

function ofDefault({ key, fallback }: OptionRow): DescribedSetting[] {
  if (fallback === undefined) return [];
  return [{ key, value: fallback, raw: undefined, origin: 'default', at: undefined, isSecret: false }];
}

export interface Explained {
  readonly section: string;
  readonly key: string;
  /** Everybody who says it, the winner first. */
  readonly said: readonly Pick<DescribedSetting, 'origin' | 'value' | 'raw'>[];
  /** Another key that says the same in a stronger way: what is said of this one does not count. */
  readonly instead: Pick<DescribedSetting, 'key' | 'origin'> | undefined;
  /** What stands in it as `%(name)s`. */
  readonly parts: readonly DescribedSetting[];
  /** What the option is for, where that is known. */
  readonly doc: string | undefined;
}

/** Who says `key` of a section, and what else is said of it. Nothing where nobody does. Faults: those of the plan. */
export async function explainSetting(
  uri: string,
  section: string,
  key: string,
  options: LoadOptions = {},
): Promise<Explained | undefined> {
  const sections = await describeConfig(uri, options);
  const found = sections.find(({ name }) => name === section)?.settings.find((setting) => setting.key === key);
  // What the file says of it is another's word where the command line wins.
  const winner = found?.at === undefined && found !== undefined ? { ...found, raw: undefined } : found;
  const from = opened(uri, options);
  const scope = await from.scope();
  if (scope === undefined) return undefined;
  const named = sectionName(section);
  const context = named && (await from.library.whole(() => new Planner(from.library).plan(named.role, named.name, scope)));
  const receiver = context && receiverOf(context);
  const rows = receiver?.role === 'server' ? await optionRows(receiver, folderOf(receiver, from.library.folder)) : undefined;
  const row = rows?.rows.find((candidate) => candidate.key === key);
  const ownSaid = named?.role === 'server' && named.name === (options.server ?? 'main') ? saidOver(options.said, key) : [];
  const places = [...ownSaid, ...(await placesOf(from, scope, receiver, section, key))];
  const stronger =
    found === undefined && rows !== undefined ? strongerSpelling(key, receiver!.settings, rows.spellings) : undefined;
  const instead = stronger && { key: stronger.key, origin: originOf(stronger, scope) };
  const others = [...places, ...(row === undefined ? [] : ofDefault(row))].filter(({ origin }) => origin !== winner?.origin);
  if (winner === undefined && others.length === 0 && row === undefined) return undefined;
  const parts = partsOf(winner, sections, section);
  return { section, key, instead, said: [...(winner === undefined ? [] : [winner]), ...others], parts, doc: row?.doc };
}

/** What the command line and the environment say to the server, the strongest first. */
function saidOver(said: readonly Said[] = [], key: string): Pick<DescribedSetting, 'origin' | 'value' | 'raw'>[] {
  const found = SAID_LAYERS.flatMap((layer) =>
    said.filter((one) => one.layer === layer && one.to === 'server' && one.key === key),
  );
  // What is preset is for where no file says it.
  return found
    .filter(({ layer }) => layer !== 'preset')
    .toReversed()
    .map(({ by, value }) => ({ origin: by, value: shownValue({ key, value, isSecret: false }), raw: undefined }));
}

/** A section's own value is taken before that of [DEFAULT], which comes first. */
function partsOf(
  winner: DescribedSetting | undefined,
  sections: readonly DescribedSection[],
  section: string,
): DescribedSetting[] {
  const names = new Set(Array.from((winner?.raw ?? '').matchAll(/%\(([^)]+)\)s/g), ([, name]) => name!));
  const near = [sections.find(({ name }) => name === section), sections[0]].flatMap((one) => one?.settings ?? []);
  return [...names].flatMap((name) => near.find(({ key }) => key === name) ?? []);
}

/** Wherever a file says it: the section, those that it uses, and each one's [DEFAULT]; the nearest first. */
async function placesOf(
  { library }: Opened,
  scope: Scope,
  receiver: FactoryContext | undefined,
  section: string,
  key: string,
): Promise<Pick<DescribedSetting, 'origin' | 'value' | 'raw'>[]> {
  const visits = receiver?.path ?? [];
  const seen = visits.length === 0 ? [{ file: scope.ref.file, section }] : visits;
  // As the files are, without what is said over them.
  const asked = await readDocument(scope.ref.file, scope.document.file);
  const documents = new Map([...library.record.documents, [scope.ref.file, asked]]);
  const found = seen.map(({ file, section: name }) => documents.get(file)?.sections.get(name)?.values.get(key));
  const inDefaults = [...new Set(seen.map(({ file }) => file))].map((file) => documents.get(file)?.defaults.values.get(key));
  return [...found, ...inDefaults].flatMap((raw) => {
    if (raw === undefined) return [];
    const value = shownValue({ key, value: raw.text, isSecret: false });
    return [{ origin: lineOf(raw.at), value, raw: value }];
  });
}
