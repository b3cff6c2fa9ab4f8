// schema.ts: what can be known of a schema from outside: its keys, and which type a key wants. zod's shape is read where it is
// there; any other schema is given text as it stands.
//
// Source: https://standardschema.dev; https://zod.dev/packages/core (the `_zod.def` of a schema).

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

type Result = { readonly value?: unknown; readonly issues?: readonly Issue[] | undefined };

interface JsonSchemaOptions {
  readonly target: 'draft-2020-12';
  readonly libraryOptions?: Readonly<Record<string, unknown>>;
}

/** A Standard Schema: zod, valibot, arktype ... */
export interface Schema {
  readonly '~standard': {
    validate(value: unknown): Result | Promise<Result>;
    readonly jsonSchema?: { input(options: JsonSchemaOptions): Readonly<Record<string, unknown>> };
  };
}

interface Definition {
  readonly type: string;
  readonly innerType?: unknown;
  readonly in?: unknown;
  readonly element?: unknown;
  readonly catchall?: unknown;
  readonly shape?: Readonly<Record<string, unknown>>;
}

function definitionOf(schema: unknown): Definition | undefined {
  return (schema as { readonly _zod?: { readonly def?: Definition } } | undefined)?._zod?.def;
}

/** Wrappers that say nothing of the type: optional, default, nullable, readonly, catch, prefault, and what begins a pipe. */
function unwrapped(schema: unknown): Definition | undefined {
  let definition = definitionOf(schema);
  while (definition !== undefined) {
    const inner = definitionOf(definition.innerType ?? (definition.type === 'pipe' ? definition.in : undefined));
    if (inner === undefined) return definition;
    definition = inner;
  }
  return undefined;
}

/** The names that a schema knows; `isOpen` when it takes others too. Nothing when it does not say. */
export function keysOf(schema: Schema): { readonly keys: ReadonlySet<string> | undefined; readonly isOpen: boolean } {
  const definition = unwrapped(schema);
  if (definition?.shape === undefined) return { keys: undefined, isOpen: true };
  const rest = definitionOf(definition.catchall)?.type;
  return { keys: new Set(Object.keys(definition.shape)), isOpen: rest !== undefined && rest !== 'never' };
}

/** Text as the type that the schema wants, where it can be read as one; else text, so that the schema says what is wrong. */
export function fromText(schema: Schema, key: string, text: string): unknown {
  const shape = unwrapped(schema)?.shape ?? {};
  return Object.hasOwn(shape, key) ? read(unwrapped(shape[key]), text) : text;
}

const NUMBER = /^[+-]?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?$/i;
/** The words of paste.deploy.converters.asbool. */
const TRUE: ReadonlySet<string> = new Set(['true', 'yes', 'on', 'y', 't', '1']);
const FALSE: ReadonlySet<string> = new Set(['false', 'no', 'off', 'n', 'f', '0']);

function read(definition: Definition | undefined, text: string): unknown {
  const type = definition?.type;
  if (type === 'number') return NUMBER.test(text) ? Number(text) : text;
  if (type === 'boolean') return readBoolean(text.toLowerCase()) ?? text;
  if (type !== 'array') return text;
  const words = text.split(/\s+/).filter((word) => word !== '');
  return words.map((word) => read(unwrapped(definition!.element), word));
}

function readBoolean(word: string): boolean | undefined {
  if (TRUE.has(word)) return true;
  return FALSE.has(word) ? false : undefined;
}
