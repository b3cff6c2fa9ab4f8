// options/settle.ts: layers of raw values become one settled value per option, and each remembers where it came from.
//
// Law: after settle() nobody asks a layer again, and all that is wrong is said at once, each with its place.

import { Fault, throwFaults, type FaultContext } from '../faults.ts';
import { MASK } from '../mask.ts';
import { nearest } from '../nearest.ts';
import type { Place } from '../place.ts';
import { camelCase } from './names.ts';
import { OTHERS, required, TOGETHER, type Option, type Options, type Settled } from './option.ts';

export interface Entry {
  /** As it was written: an ini key, a flag, a name in an object. */
  readonly written: string;
  /** What stands before the key where it was written with its section: `--set server:main.`. */
  readonly under?: string | undefined;
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

/** Faults: OPTION_UNKNOWN, OPTION_INVALID, OPTION_REQUIRED, alone or as a FaultList; and where each is right, those of `together`. */
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
  const settled = Object.freeze(values) as Settled<O>;
  checkTogether(options, settled, layers, missingAt);
  return Object.freeze({
    values: settled,
    origins: Object.freeze(origins) as Settlement<O>['origins'],
  });
}

/** Faults: those of the table's own check, each at its option. */
function checkTogether(options: Options, values: unknown, layers: readonly Layer[], missingAt: FaultContext | undefined): void {
  const { [TOGETHER]: check } = options as { readonly [TOGETHER]?: (values: unknown) => void };
  try {
    check?.(values);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { keys, key = keys?.[0] } = error.details as { readonly key?: string; readonly keys?: readonly string[] };
    const found = key === undefined ? undefined : writtenEntry(layers, key);
    throw new Fault(error.code, error.details, found === undefined ? missingAt : context(found.layer, found.entry.at));
  }
}

function writtenEntry(layers: readonly Layer[], key: string): Found | undefined {
  for (const layer of layers.toReversed()) {
    const entry = layer.entries.findLast((candidate) => (candidate.key ?? candidate.written) === key);
    if (entry !== undefined) return { layer, entry };
  }
  return undefined;
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
    const meant = (options[OTHERS] as Option | undefined)?.meant;
    return unknown.map(({ written, under, raw, at }) => {
      const like = under === undefined ? nearest(written, names) : nearestUnder(under, written, options);
      const details = { key: written, nearest: like ?? meant?.(written, raw) };
      return new Fault('OPTION_UNKNOWN', details, context(layer, at));
    });
  });
}

/** The section is right, else nobody would have come here: only the key is compared. */
function nearestUnder(under: string, written: string, options: Options): string | undefined {
  const keys = Object.keys(options).filter((name) => name !== OTHERS);
  const like = nearest(written.slice(under.length), keys);
  return like === undefined ? undefined : under + like;
}

function invalid(found: Found | undefined, key: string, option: Option, raw: unknown): Fault {
  const isHidden = found?.entry.isSecret === true || option.kind.isSecret === true;
  const value = isHidden ? MASK : textOf(raw);
  // It may show a part of the value.
  const why = isHidden ? undefined : option.kind.whyNot?.(raw);
  const allowed = why === undefined ? option.kind.allowed : `${option.kind.allowed}: ${why}`;
  const details = { key: found?.entry.written ?? key, value, allowed };
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
