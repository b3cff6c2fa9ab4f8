// describe-options.ts: what a factory takes, in words and as JSON Schema: from the same schema that settles its settings.

import type { Options } from '@appserve/core/options';
import { faultContext, receiverOf, type FactoryContext } from './context.ts';
import { resolveFactory } from './entry-points.ts';
import type { Role } from './kinds.ts';
import { importExport } from './modules.ts';
import { opened, type LoadOptions } from './open.ts';
import { folderOf } from './resolve.ts';
import type { Schema } from './schema.ts';
import type { Spellings } from './spellings.ts';
import type { Described } from './typed-settings.ts';

export interface FactoryOptions {
  /** Draft 2020-12, of what a section may say. */
  readonly jsonSchema: Readonly<Record<string, unknown>>;
  /** A table: key, what it must be, default, meaning. */
  readonly markdown: string;
  readonly rows: readonly OptionRow[];
}

export interface OptionRow {
  readonly key: string;
  /** As it completes the sentence "must be ...". */
  readonly allowed: string;
  /** What stands for a value in help: `N`, `SECONDS`. */
  readonly placeholder: string;
  /** As it would be written; nothing where there is none. */
  readonly fallback: string | undefined;
  readonly isRequired: boolean;
  readonly doc: string;
}

/**
 * The options of the factory that `[kind:NAME]`, or a name such as `shop#main`, stands for; nothing when it carries no schema. The
 * module of the factory, or the one that its package names for the schema, is imported in this thread.
 *
 * Faults: those of loadPlan, MODULE_FAILED, EXPORT_MISSING.
 */
export async function describeOptions(
  uri: string,
  options: LoadOptions & { readonly kind?: Role } = {},
): Promise<FactoryOptions | undefined> {
  const from = opened(uri, options);
  const context = receiverOf(await from.plan(options.kind ?? 'app'));
  if (context === undefined) return undefined;
  const { options: schema } = await describedBy(context, folderOf(context, from.library.folder));
  if (schema === undefined) return undefined;
  return '~standard' in schema ? ofSchema(schema as Schema) : ofTable(schema);
}

/** What a factory takes, and how its options may be spelled; nothing where it says nothing of that. Faults: as above. */
export async function optionRows(
  context: FactoryContext,
  folder: string,
): Promise<{ readonly rows: readonly OptionRow[]; readonly spellings: readonly Spellings[] } | undefined> {
  const { options, spellings = [] } = await describedBy(context, folder);
  if (options === undefined) return undefined;
  const rows = ('~standard' in options ? ofSchema(options as Schema) : await ofTable(options))?.rows;
  return rows && { rows, spellings };
}

async function describedBy(context: FactoryContext, folder: string): Promise<Described> {
  const factory = resolveFactory(context, folder);
  const fault = faultContext(context);
  if (factory.options !== undefined)
    return { options: (await importExport(factory.options, fault)) as Described['options'] & {} };
  return ((await importExport(factory, fault)) as Described | undefined) ?? {};
}

async function ofTable(options: Options): Promise<FactoryOptions> {
  const { jsonSchema, markdownTable, required } = await import('@appserve/core/options');
  const rows = Object.entries(options).map(([key, { kind, fallback, doc }]): OptionRow => {
    const { allowed, placeholder } = kind;
    return { key, allowed, placeholder, fallback: textOf(fallback), isRequired: fallback === required, doc };
  });
  return { jsonSchema: jsonSchema(options), markdown: markdownTable(options), rows };
}

/** What is required, or may be left out, has none. */
function textOf(fallback: unknown): string | undefined {
  return typeof fallback === 'string' ? fallback : undefined;
}

interface Property {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
}

function ofSchema(schema: Schema): FactoryOptions | undefined {
  const described = jsonSchemaOf(schema);
  if (described === undefined) return undefined;
  const { properties = {}, required = [] } = described as { properties?: Record<string, Property>; required?: string[] };
  const rows = Object.entries(properties).map(([key, property]): OptionRow => {
    const fallback = property.default === undefined ? undefined : JSON.stringify(property.default);
    const isRequired = fallback === undefined && required.includes(key);
    const placeholder = (property.type ?? 'value').toUpperCase();
    return { key, allowed: mustBe(property), placeholder, fallback, isRequired, doc: property.description ?? '' };
  });
  const lines = rows.map(({ key, allowed, fallback, isRequired, doc }) => {
    const cells = [`\`${key}\``, allowed, `\`${fallback ?? (isRequired ? 'required' : 'none')}\``, doc];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  const markdown = ['| key | must be | default | meaning |', '|---|---|---|---|', ...lines].join('\n');
  return { jsonSchema: described, markdown, rows };
}

/** https://standardschema.dev/json-schema; it throws for what JSON has no word for, such as a date. */
function jsonSchemaOf(schema: Schema): Readonly<Record<string, unknown>> | undefined {
  try {
    // zod can leave out what it has no word for.
    return schema['~standard'].jsonSchema?.input({ target: 'draft-2020-12', libraryOptions: { unrepresentable: 'any' } });
  } catch {
    return undefined;
  }
}

function mustBe({ type = 'anything', enum: words }: Property): string {
  return words === undefined ? type : `one of ${words.join(', ')}`;
}
