// options/option.ts: how an option is declared. Once, in a table; validation, flags, help, reference pages and the types of
// the settled values all read that row.

import type { ExportRef } from '../export-ref.ts';
import type { CamelCase } from './names.ts';
import type { Kind, Unit } from './kinds.ts';

export interface Option<T = unknown, U extends Unit = Unit> {
  readonly kind: Kind<T, U>;
  /** What an ini file would say; `undefined`: no value; `required`: there must be one. */
  readonly fallback: string | undefined | typeof required;
  /** One or two sentences for help and reference. */
  readonly doc: string;
  /** Where the name comes from, when it is a documented one: Pyruvate, gevent.pywsgi, ... */
  readonly origin: string | undefined;
  /** Which of the two is the name of an app, where one is. */
  readonly app?: 'value' | 'key' | undefined;
  /** Of the row OTHERS: what stands for a key in help and reference. */
  readonly keys?: string;
  /** Of the row OTHERS: whether it takes such a key. All when left out. */
  readonly isKey?: ((key: string) => boolean) | undefined;
  /** Of the row OTHERS: what was meant by a key that it does not take; `raw` is the value beside it. */
  readonly meant?: ((key: string, raw: unknown) => string | undefined) | undefined;
}

/** The option, of which the value or the key is the name of an app that a composite asks its loader for: a check looks for it. */
export function naming<O extends Option<any, any>>(app: 'value' | 'key', named: O): O {
  return { ...named, app };
}

/** The row of a table for every key that has none of its own: `/blog = blog` of a urlmap. */
export const OTHERS = '*';

export const required = Symbol('required');

/** An option that always has a value: its fallback is text as in an ini file, or it is required. */
export function option<T, U extends Unit>(
  kind: Kind<T, U>,
  fallback: string | typeof required,
  doc: string,
  origin?: string,
): Option<T, U> {
  return { kind, fallback, doc, origin };
}

/** An option that may have no value. */
export function optional<T, U extends Unit>(kind: Kind<T, U>, doc: string, origin?: string): Option<T | undefined, U> {
  return { kind, fallback: undefined, doc, origin };
}

/** The row OTHERS: any key that has no row of its own, and is one for `isKey`, is taken with such a value. */
export function others<T>(
  kind: Kind<T, ''>,
  keys: string,
  doc: string,
  isKey?: (key: string) => boolean,
  meant?: (key: string, raw: unknown) => string | undefined,
): Option<readonly (readonly [string, T])[], ''> {
  return { kind: kind as Kind<never, ''>, fallback: undefined, doc, origin: undefined, keys, isKey, meant };
}

/** A table of options; its keys are the names in an ini file. */
export type Options = Readonly<Record<string, Option<any, any>>>;

type Spelled<K, O> = K extends typeof OTHERS
  ? 'others'
  : O extends Option<unknown, infer U>
    ? `${CamelCase<K & string>}${U}`
    : never;
type Value<O> = O extends Option<infer T, infer _> ? T : never;

/** The values of a table after `settle`: camelCase, unit last, every one there; `others` has the rest as pairs, as they are written. */
export type Settled<O extends Options> = { readonly [K in keyof O as Spelled<K, O[K]>]: Value<O[K]> };

/** The same names as arguments from TypeScript: any of them may be left out, text is read as in an ini file. */
export type Given<O extends Options> = { readonly [K in keyof O as Spelled<K, O[K]>]?: Written<Value<O[K]>> };

type Written<T> = T | string | undefined | (ExportRef extends T ? URL : never);

/** Of a table: how its options go together. No key of an ini is this one. */
export const TOGETHER = Symbol('together');

/**
 * The table, with what `settle` asks when each value is right by itself. `check` throws a Fault that knows no place, whose `key` or `keys`
 * name an option: it is shown where the first of them stands.
 */
export function together<const O extends Options>(options: O, check: (values: Settled<O>) => void): O {
  return Object.defineProperty({ ...options }, TOGETHER, { value: check });
}
