// typed-settings.ts: what a section says, in the types of its factory: by the factory's own schema, or by a table of options.
//
// Law: a schema is asked through its own methods (https://standardschema.dev), so nothing is imported for a factory that has none.
// A table brings zod.

import { Fault, Faults, nearest, type ExportRef, type FaultContext, type Place, type Warning } from '@appserve/core';
import type { Entry, Layer, Options, Settlement } from '@appserve/core/options';
import type { FactoryContext } from './context.ts';
import { faultContext, localConfOf } from './context.ts';
import { exportOf } from './export-setting.ts';
import { lowerFirst } from './foreign-message.ts';
import { importExport } from './modules.ts';
import type { FactoryBlueprint } from './resolve.ts';
import { strangerIn } from './plain-data.ts';
import { fromText, keysOf, noBoolean, type Schema } from './schema.ts';
import { withoutSecrets } from './secrets.ts';
import { SAID_LAYERS, type SaidLayer } from './said-by.ts';
import { shown, valuePlace, wordsOf, writtenName, type Setting } from './setting.ts';
import { withoutWeakerSpellings, type Spellings } from './spellings.ts';

/** What a factory may carry: a schema or a table, and with a table a check of how its options go together, and what it warns of. */
export interface Described {
  readonly options?: Schema | Options;
  readonly check?: ((settlement: Settlement<Options>, section: FaultContext) => void) | undefined;
  /** What is to be said of settled options that have passed the check. */
  readonly warnings?: ((values: unknown) => readonly Warning[]) | undefined;
  /** Several spellings of one thing: `[['socket'], ['host', 'port']]`. Who says it otherwise than a weaker layer does replaces it. */
  readonly spellings?: readonly Spellings[] | undefined;
}

/** Is told what a factory warns of, each where its option stands. */
export type Tell = (warning: Warning) => void;

/**
 * Text where the factory has no schema. `tell`: nobody asks for warnings where it is left out.
 *
 * Faults: OPTION_*, SETTING_INVALID; all at once, each at its setting.
 */
export async function typedSettings(context: FactoryContext, described: Described, tell?: Tell): Promise<unknown> {
  const { options } = described;
  if (options !== undefined && !isSchema(options)) {
    const settlement = await settleTable(context, { ...described, options });
    if (tell !== undefined)
      for (const warning of described.warnings?.(settlement.values) ?? []) tell(placed(warning, settlement, context));
    return settlement.values;
  }
  const settings = context.settings.filter(({ said }) => said?.isOffer !== true);
  const asked = { ...context, settings };
  return options === undefined ? localConfOf(asked) : bySchema(asked, options);
}

function placed(warning: Warning, { origins }: Settlement<Options>, { askedBy }: FactoryContext): Warning {
  return { ...warning, at: warning.key === undefined ? undefined : origins[warning.key]?.at, askedBy };
}

function isSchema(options: Schema | Options): options is Schema {
  return '~standard' in options;
}

/** What has been settled already, by `settlementKey`. */
export type SettledAhead = ReadonlyMap<string, unknown>;

/** Equal for equal settings of equal schemas, in files where names mean the same. */
export function settlementKey({ module, export: name }: ExportRef, { scope, settings }: FactoryContext): string {
  return JSON.stringify([module, name, scope.file, settings.map(({ key, value }) => [key, value])]);
}

/** Settles with the schema that a package has apart from the factory; gives the same where it has none. */
export async function settledApart(blueprint: FactoryBlueprint, ahead?: SettledAhead): Promise<FactoryBlueprint> {
  const { options } = blueprint.factory;
  if (options === undefined || blueprint.settled !== undefined) return blueprint;
  const key = ahead === undefined ? '' : settlementKey(options, blueprint.context);
  // Each has settings of his own, as if they had been settled for him.
  if (ahead?.has(key) === true) return { ...blueprint, settled: { values: structuredClone(ahead.get(key)) } };
  const schema = await importExport(options, faultContext(blueprint.context));
  const values = await typedSettings(blueprint.context, { options: schema } as Described);
  refuseWhatIsNotPlain(values, blueprint.context);
  return { ...blueprint, settled: { values } };
}

/** A thread wall refuses functions, and makes empty objects of instances without a word. Faults: SETTINGS_NOT_PLAIN. */
function refuseWhatIsNotPlain(values: unknown, context: FactoryContext): void {
  const all = strangerIn(values);
  if (all === undefined) return;
  const faults = new Faults();
  const isObject = typeof values === 'object' && values !== null;
  for (const [key, value] of isObject ? Object.entries(values) : []) {
    const found = strangerIn(value);
    if (found === undefined) continue;
    const setting = context.settings.find((candidate) => candidate.key === key);
    const at = setting?.at ?? context.at ?? context.useAt;
    faults.add(new Fault('SETTINGS_NOT_PLAIN', { key, found }, { at, askedBy: context.askedBy }));
  }
  faults.end();
  // It is none of its values: it is the whole.
  throw new Fault('SETTINGS_NOT_PLAIN', { key: 'the settings', found: all }, sectionContext(context));
}

function sectionContext({ at, useAt, askedBy }: FactoryContext): FaultContext {
  return { at: at ?? useAt, askedBy };
}

/** Faults: OPTION_*, and those of the check. */
async function settleTable(
  context: FactoryContext,
  { options, check, spellings = [] }: { readonly options: Options } & Omit<Described, 'options'>,
): Promise<Settlement<Options>> {
  const { settle } = await import('@appserve/core/options');
  const faults = new Faults();
  const entries: (Entry & Pick<Setting, 'said'>)[] = [];
  const settings = context.settings.filter(({ key, said }) => said?.isOffer !== true || Object.hasOwn(options, key));
  for (const setting of withoutWeakerSpellings(settings, spellings)) {
    const isExport = Object.hasOwn(options, setting.key) && options[setting.key]!.kind.isExport === true;
    const found = isExport ? exportOf(setting, context).catch((error: unknown) => faults.add(error)) : setting.value;
    entries.push({ ...setting, written: writtenName(setting), under: under(setting), raw: await found });
  }
  const written: Layer = {
    name: context.at?.file ?? 'the configuration',
    entries: entries.filter(({ said }) => said === undefined),
  };
  const layers = [written, ...SAID_LAYERS.map((name) => saidLayer(name, entries, options))];
  const asked = layers.map((layer): Layer => ({ ...layer, askedBy: context.askedBy }));
  const settlement = faults.catch(() => settle(options, asked, sectionContext(context)));
  faults.end();
  check?.(settlement!, sectionContext(context));
  return settlement!;
}

/** `--set server:main.` of `--set server:main.port`; nothing for a flag, a variable or a line of a file. */
function under({ key, said }: Setting): string | undefined {
  return said?.by.endsWith(`.${key}`) === true ? said.by.slice(0, -key.length) : undefined;
}

/** How options are called there. */
const SPELLED: Readonly<Record<SaidLayer, (key: string) => string>> = {
  preset: (key) => key,
  environment: (key) => `APPSERVE_${key.toUpperCase()}`,
  'command line': (key) => `--${key.replaceAll('_', '-')}`,
};

function saidLayer(name: SaidLayer, entries: readonly (Entry & Pick<Setting, 'said'>)[], options: Options): Layer {
  return { name, entries: entries.filter(({ said }) => said?.layer === name), names: Object.keys(options).map(SPELLED[name]) };
}

/** `pool_size` and `pool-size` of an ini are `poolSize` for a schema that calls it so. */
function nameIn(keys: ReadonlySet<string> | undefined, key: string): string {
  if (keys === undefined || keys.has(key)) return key;
  const camel = key.replaceAll(/[-_]([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return keys.has(camel) ? camel : key;
}

/** The contrary: as an ini has it, where the schema knows it by that. */
function inIni(keys: ReadonlySet<string> | undefined, name: string): string {
  const snake = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return nameIn(keys, snake) === name ? snake : name;
}

async function bySchema(context: FactoryContext, schema: Schema): Promise<unknown> {
  const { keys, isOpen } = keysOf(schema);
  const settings = new Map<string, Setting>();
  const faults = new Faults();
  for (const setting of context.settings) {
    const name = nameIn(keys, setting.key);
    const first = settings.get(name);
    if (first === undefined) settings.set(name, setting);
    else faults.add(repeated(first, setting, context));
  }
  if (keys !== undefined && !isOpen)
    for (const [name, setting] of settings) if (!keys.has(name)) faults.add(unknown(setting, keys, context));
  const known = [...settings].filter(([name]) => keys === undefined || isOpen || keys.has(name));
  for (const [name, setting] of known) {
    const word = noBoolean(schema, name, setting.value);
    if (word !== undefined)
      faults.add(
        invalid(
          setting,
          wordsOf(setting).findIndex(({ text }) => text === word),
          'must be a boolean',
          context,
        ),
      );
  }
  const input = Object.fromEntries(known.map(([name, { value }]) => [name, fromText(schema, name, value)]));
  const result = await schema['~standard'].validate(input);
  for (const issue of result.issues ?? []) for (const fault of faultsOf(issue, settings, keys, context)) faults.add(fault);
  faults.end();
  return result.value;
}

function unknown(setting: Setting, keys: ReadonlySet<string>, context: FactoryContext): Fault {
  const { key, at } = setting;
  const has = Array.from(keys, (name) => inIni(keys, name));
  return new Fault(
    'OPTION_UNKNOWN',
    { key: writtenName(setting), nearest: nearest(key, has), has },
    { at: at ?? context.useAt, askedBy: context.askedBy },
  );
}

function repeated(first: Setting, { key, at }: Setting, context: FactoryContext): Fault {
  const details = { keys: [first.key, key], why: `two spellings of one thing; keep ${first.key}` };
  return new Fault('OPTIONS_CONFLICT', details, { at: at ?? context.useAt, askedBy: context.askedBy });
}

type Issue = NonNullable<Awaited<ReturnType<Schema['~standard']['validate']>>['issues']>[number];

function faultsOf(
  issue: Issue,
  settings: ReadonlyMap<string, Setting>,
  keys: ReadonlySet<string> | undefined,
  context: FactoryContext,
): Fault[] {
  // zod's strict objects name several unknown keys in one issue.
  const strangers = (issue as { readonly keys?: readonly string[] }).keys;
  const named = (issue.path ?? []).length === 0 ? (strangers ?? []).filter((key) => settings.has(key)) : [];
  if (named.length > 0) return named.map((key) => unknown(settings.get(key)!, keys ?? new Set(), context));
  const [name, index] = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
  const setting = settings.get(String(name));
  const message = wordsFor(withoutSecrets(issue.message, settings.values()), setting);
  if (setting !== undefined) return [invalid(setting, index, message, context)];
  // What a refinement says (zod calls it custom) is about values; one that has a default may be among them.
  const isRefined = (issue as { readonly code?: string }).code === 'custom';
  if (name === undefined || isRefined) {
    const about = [name === undefined ? (context.section ?? 'the settings') : inIni(keys, String(name))];
    return [new Fault('OPTIONS_CONFLICT', { keys: about, why: message }, sectionContext(context))];
  }
  return [new Fault('OPTION_REQUIRED', { key: inIni(keys, String(name)), allowed: message }, sectionContext(context))];
}

function invalid(setting: Setting, index: PropertyKey | undefined, message: string, { askedBy }: FactoryContext): Fault {
  const { at, text } = elementOf(setting, index);
  const value = setting.isSecret ? shown(setting) : text;
  return new Fault('SETTING_INVALID', { key: writtenName(setting), value, message }, { at, askedBy });
}

/** The element of a list that is wrong has a place of its own. */
function elementOf(setting: Setting, index: PropertyKey | undefined): { readonly at: Place | undefined; readonly text: string } {
  const word = typeof index === 'number' ? wordsOf(setting)[index] : undefined;
  return word ?? { at: valuePlace(setting), text: setting.value };
}

/** "expected number, received NaN" is what a schema sees, not what a person wrote. */
function wordsFor(message: string, setting: Setting | undefined): string {
  const [, expected] = /^Invalid input: expected ([\w ]+), received (?:NaN|undefined|string|number)$/.exec(message) ?? [];
  if (expected === undefined) return lowerFirst(message);
  const noun = expected === 'int' ? 'whole number' : expected;
  const article = /^[aeiou]/.test(noun) ? 'an' : 'a';
  return setting === undefined ? `${article} ${noun}` : `must be ${article} ${noun}`;
}
