// options/settle.ts: layers of raw values become one settled value per option, and each remembers where it came from.
//
// Law: after settle() nobody asks a layer again, and all that is wrong is said at once, each with its place.

import { Fault, throwFaults, type FaultContext } from '../faults.ts';
import { MASK } from '../mask.ts';
import { nearest } from '../nearest.ts';
import type { Place } from '../place.ts';
import { camelCase } from './names.ts';
import { OTHERS, required, type Option, type Options, type Settled } from './option.ts';

export interface Entry {
  /** As it was written: an ini key, a flag, a name in an object. */
  readonly written: string;
  /** The row of the table that it means; nothing when it means none. */
  readonly key: string | undefined;
  readonly raw: unknown;
  readonly at?: Place | undefined;
  /** No message shows the value. */
  readonly isSecret?: boolean;
}

/** One source of values; later layers win. */
export interface Layer {
  /** As people call it: `development.ini`, `command line`. */
  readonly name: string;
  readonly entries: readonly Entry[];
  /** How options are called there, for suggestions; as in an ini file when left out. */
  readonly names?: readonly string[];
  readonly askedBy?: readonly string[];
}

export interface Settlement<O extends Options> {
  readonly values: Settled<O>;
  /** By ini key: the layer and the place of each value; `default` when no layer had one. */
  readonly origins: Readonly<Record<keyof O, Origin>>;
}

export interface Origin {
  readonly layer: string;
  readonly at: Place | undefined;
}

/** The name an option has in TypeScript: `keepalive_timeout` is `keepaliveTimeoutMs`. */
export function apiName(key: string, option: Option): string {
  return key === OTHERS ? 'others' : camelCase(key) + option.kind.unit;
}

/** Faults: OPTION_UNKNOWN, OPTION_INVALID, OPTION_REQUIRED, alone or as a FaultList. */
export function settle<O extends Options>(options: O, layers: readonly Layer[], missingAt?: FaultContext): Settlement<O> {
  const faults: Fault[] = unknownEntries(options, layers);
  const values: Record<string, unknown> = {};
  const origins: Record<string, Origin> = {};
  for (const [key, option] of Object.entries(options) as [string, Option][]) {
    if (key === OTHERS) {
      values['others'] = settleOthers(options, layers, faults);
      origins[key] = { layer: 'default', at: undefined };
      continue;
    }
    const found = lastEntry(layers, key);
    origins[key] = { layer: found?.layer.name ?? 'default', at: found?.entry.at };
    const raw = found === undefined ? option.fallback : found.entry.raw;
    if (raw === required) {
      faults.push(new Fault('OPTION_REQUIRED', { key, allowed: option.kind.allowed }, missingAt));
    } else if (raw === undefined) {
      values[apiName(key, option)] = undefined;
    } else {
      const parsed = option.kind.schema.safeParse(raw);
      if (parsed.success) values[apiName(key, option)] = parsed.data;
      else faults.push(invalid(found, key, option, raw));
    }
  }
  throwFaults(faults);
  return Object.freeze({
    values: Object.freeze(values) as Settled<O>,
    origins: Object.freeze(origins) as Settlement<O>['origins'],
  });
}

/** Every entry that no row of its own has, in the order of writing; a later layer has the last word on a key. */
function settleOthers(options: Options, layers: readonly Layer[], faults: Fault[]): readonly (readonly [string, unknown])[] {
  const { kind } = options[OTHERS]! as Option;
  const found = new Map<string, unknown>();
  for (const layer of layers) {
    for (const entry of layer.entries.filter((candidate) => isOther(options, candidate))) {
      const parsed = kind.schema.safeParse(entry.raw);
      if (parsed.success) found.set(entry.written, parsed.data);
      else faults.push(invalid({ layer, entry }, entry.written, options[OTHERS]!, entry.raw));
    }
  }
  return Object.freeze([...found].map((pair) => Object.freeze(pair)));
}

/** For the row OTHERS. An asterisk that somebody writes is a key like any other. */
function isOther(options: Options, { key, written }: Entry): boolean {
  const others = Object.hasOwn(options, OTHERS) ? (options[OTHERS] as Option) : undefined;
  return others !== undefined && !hasRow(options, key) && (others.isKey?.(written) ?? true);
}

function hasRow(options: Options, key: string | undefined): boolean {
  return key !== undefined && key !== OTHERS && Object.hasOwn(options, key);
}

interface Found {
  readonly layer: Layer;
  readonly entry: Entry;
}

function lastEntry(layers: readonly Layer[], key: string): Found | undefined {
  for (const layer of layers.toReversed()) {
    const entry = layer.entries.findLast((candidate) => candidate.key === key && candidate.raw !== undefined);
    if (entry !== undefined) return { layer, entry };
  }
  return undefined;
}

function unknownEntries(options: Options, layers: readonly Layer[]): Fault[] {
  return layers.flatMap((layer) => {
    const unknown = layer.entries.filter((entry) => !hasRow(options, entry.key) && !isOther(options, entry));
    const names = layer.names ?? Object.keys(options).filter((name) => name !== OTHERS);
    return unknown.map(
      ({ written, at }) => new Fault('OPTION_UNKNOWN', { key: written, nearest: nearest(written, names) }, context(layer, at)),
    );
  });
}

function invalid(found: Found | undefined, key: string, option: Option, raw: unknown): Fault {
  const value = found?.entry.isSecret === true || option.kind.isSecret === true ? MASK : textOf(raw);
  const details = { key: found?.entry.written ?? key, value, allowed: option.kind.allowed };
  return new Fault('OPTION_INVALID', details, found && context(found.layer, found.entry.at));
}

/** Any value as people would write it. */
function textOf(raw: unknown): string {
  if (typeof raw === 'string') return raw;
  try {
    return typeof raw === 'object' && raw !== null ? JSON.stringify(raw) : String(raw);
  } catch {
    // Circular, or an object that has no text.
    return `an ${typeof raw}`;
  }
}

function context(layer: Layer, at: Place | undefined): FaultContext {
  return { at, askedBy: layer.askedBy ?? (at === undefined ? [layer.name] : []) };
}

/** A layer from TypeScript: `{ keepaliveTimeoutMs: 5000 }`. Names that no option has there stay, so that settle refuses them. */
export function objectLayer(name: string, options: Options, given: Readonly<Record<string, unknown>>): Layer {
  const keys = new Map(Object.entries(options).map(([key, option]) => [apiName(key, option as Option), key]));
  const entries = Object.entries(given).map(([written, raw]) => ({ written, key: keys.get(written), raw }));
  return { name, entries, names: [...keys.keys()] };
}
