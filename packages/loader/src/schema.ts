// schema.ts: what can be known of a schema from outside: its keys, and which type a key wants. zod's shape is read where it is
// there; any other schema is given text as it stands.
//
// Source: https://standardschema.dev; https://zod.dev/packages/core (the `_zod.def` of a schema).

import { booleanOf } from '@appserve/core';

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
  readonly coerce?: boolean;
  readonly innerType?: unknown;
  readonly in?: unknown;
  readonly element?: unknown;
  readonly catchall?: unknown;
  readonly valueType?: unknown;
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly getter?: () => unknown;
  readonly options?: readonly unknown[];
  readonly values?: readonly unknown[];
  readonly items?: readonly unknown[];
  readonly rest?: unknown;
  readonly left?: unknown;
  readonly right?: unknown;
}

function definitionOf(schema: unknown): Definition | undefined {
  return (schema as { readonly _zod?: { readonly def?: Definition } } | undefined)?._zod?.def;
}

/** Wrappers that say nothing of the type: optional, default, nullable, readonly, catch, prefault, lazy, and what begins a pipe. */
function unwrapped(schema: unknown): Definition | undefined {
  let definition = definitionOf(schema);
  while (definition !== undefined) {
    const inner = definitionOf(innerOf(definition));
    if (inner === undefined) return definition;
    definition = inner;
  }
  return undefined;
}

function innerOf({ type, innerType, in: first, getter }: Definition): unknown {
  if (type === 'pipe') return first;
  return type === 'lazy' ? getter?.() : innerType;
}

/** What is known of the keys of an object. */
interface Shape {
  readonly known: ReadonlyMap<string, unknown>;
  /** What any other key must be; `undefined` in it when anything will do. Nothing when there may be no other. */
  readonly other: { readonly schema: unknown } | undefined;
}

/** Nothing when it does not say. */
function shapeOf(schema: unknown): Shape | undefined {
  const definition = unwrapped(schema);
  if (definition?.type === 'record') return { known: new Map(), other: { schema: definition.valueType } };
  if (definition?.type === 'intersection') return joined(shapeOf(definition.left), shapeOf(definition.right));
  if (definition?.shape === undefined) return undefined;
  const rest = definitionOf(definition.catchall)?.type;
  const isOpen = rest !== undefined && rest !== 'never';
  return { known: new Map(Object.entries(definition.shape)), other: isOpen ? { schema: definition.catchall } : undefined };
}

/** What both sides know is read as the left one says. */
function joined(left: Shape | undefined, right: Shape | undefined): Shape | undefined {
  if (left === undefined || right === undefined) return undefined;
  return { known: new Map([...right.known, ...left.known]), other: left.other ?? right.other };
}

/** The names that a schema knows; `isOpen` when it takes others too. Nothing when it does not say. */
export function keysOf(schema: Schema): { readonly keys: ReadonlySet<string> | undefined; readonly isOpen: boolean } {
  const shape = shapeOf(schema);
  if (shape === undefined) return { keys: undefined, isOpen: true };
  return { keys: new Set(shape.known.keys()), isOpen: shape.other !== undefined };
}

/** What the schema wants of a key. */
function definitionFor(schema: Schema, key: string): Definition | undefined {
  const { known, other } = shapeOf(schema) ?? {};
  return unwrapped(known?.has(key) === true ? known.get(key) : other?.schema);
}

/** Text as the type that the schema wants, where it can be read as one; else text, so that the schema says what is wrong. */
export function fromText(schema: Schema, key: string, text: string): unknown {
  return read(definitionFor(schema, key), text);
}

/** The word that a schema would take for a boolean, as `z.coerce.boolean()` takes any, though it is none. */
export function noBoolean(schema: Schema, key: string, text: string): string | undefined {
  const definition = definitionFor(schema, key);
  const hasMany = definition?.type === 'array' || definition?.type === 'set';
  const { type, coerce } = (hasMany ? unwrapped(definition.element ?? definition.valueType) : definition) ?? {};
  if (type !== 'boolean' || coerce !== true) return undefined;
  return (hasMany ? wordsIn(text) : [text]).find((word) => booleanOf(word) === undefined);
}

const NUMBER = /^[+-]?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?$/i;
const INTEGER = /^[+-]?[0-9]+$/;

function read(definition: Definition | undefined, text: string): unknown {
  if (definition === undefined) return text;
  switch (definition.type) {
    case 'number':
      return readNumber(text) ?? text;
    case 'bigint':
      return INTEGER.test(text) ? BigInt(text.replace('+', '')) : text;
    case 'boolean':
      return booleanOf(text) ?? text;
    case 'literal': {
      const values = definition.values ?? [];
      return values.includes(text) ? text : (values.find((value) => String(value) === text) ?? text);
    }
    case 'union':
      return readUnion((definition.options ?? []).map(unwrapped), text);
    case 'array':
      return wordsIn(text).map((word) => read(unwrapped(definition.element), word));
    case 'set':
      return new Set(wordsIn(text).map((word) => read(unwrapped(definition.valueType), word)));
    case 'tuple':
      return wordsIn(text).map((word, nth) => read(unwrapped(definition.items?.[nth] ?? definition.rest), word));
    default:
      return text;
  }
}

function isList(type: string): boolean {
  return ['array', 'set', 'tuple'].includes(type);
}

/** The first member that makes more than text of it; a list last, since any text can be one. */
function readUnion(members: readonly (Definition | undefined)[], text: string): unknown {
  const readings = members.map((member) => ({ type: member?.type ?? '', value: read(member, text) }));
  const single = readings.find(({ type, value }) => typeof value !== 'string' && !isList(type));
  if (single !== undefined) return single.value;
  return readings.some(({ type }) => type === 'string') ? text : (readings.find(({ type }) => isList(type))?.value ?? text);
}

/** A number that JavaScript would make another one of stays text. */
function readNumber(text: string): number | undefined {
  if (!NUMBER.test(text) || (INTEGER.test(text) && !Number.isSafeInteger(Number(text)))) return undefined;
  return Number(text);
}

function wordsIn(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
