// describe-options.ts: what a factory takes, in words and as JSON Schema: from the same schema that settles its settings.

import type { Options } from '@appserve/core/options';
import { faultContext, receiverOf, type FactoryContext } from './context.ts';
import { resolveFactory } from './entry-points.ts';
import type { Role } from './kinds.ts';
import { importExport } from './modules.ts';
import { opened, type LoadOptions } from './open.ts';
import { folderOf } from './resolve.ts';
import type { Schema } from './schema.ts';
import type { Described } from './typed-settings.ts';

export interface FactoryOptions {
  /** Draft 2020-12, of what a section may say. */
  readonly jsonSchema: Readonly<Record<string, unknown>>;
  /** A table: key, what it must be, default, meaning. */
  readonly markdown: string;
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
  const schema = await schemaOf(context, from.library.folder);
  if (schema === undefined) return undefined;
  return '~standard' in schema ? ofSchema(schema as Schema) : ofTable(schema);
}

async function schemaOf(context: FactoryContext, folder: string): Promise<Described['options']> {
  const factory = resolveFactory(context, folderOf(context, folder));
  const fault = faultContext(context);
  if (factory.options !== undefined) return (await importExport(factory.options, fault)) as Described['options'];
  return ((await importExport(factory, fault)) as Described | undefined)?.options;
}

async function ofTable(options: Options): Promise<FactoryOptions> {
  const { jsonSchema, markdownTable } = await import('@appserve/core/options');
  return { jsonSchema: jsonSchema(options), markdown: markdownTable(options) };
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
  const rows = Object.entries(properties).map(([key, property]) => {
    const fallback =
      property.default === undefined ? (required.includes(key) ? 'required' : 'none') : JSON.stringify(property.default);
    const cells = [`\`${key}\``, mustBe(property), `\`${fallback}\``, property.description ?? ''];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return { jsonSchema: described, markdown: ['| key | must be | default | meaning |', '|---|---|---|---|', ...rows].join('\n') };
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
