// buildout/read.ts: a configuration and all that it extends, each file a layer, the weakest first. It reads through the function
// that it is given.
//
// Order, as in zc.buildout: what `extends` names from left to right, each after what it extends itself; then `optional-extends`; then
// the file. A file that is extended twice stands twice.

import { dirname, isAbsolute, join, resolve } from 'node:path';
import { Fault, type FaultContext, type Place } from '@appserve/core';
import type { Layer, Line, ScannedSection } from './assignment.ts';
import { holds, type Machine } from './condition.ts';
import { BUILDOUT, Merged, shownAs } from './merge.ts';
import { scanBuildout } from './scan.ts';
import { environmentIn } from './substitute.ts';

export interface Source {
  /** Faults: CONFIG_MISSING, CONFIG_UNREADABLE. */
  readonly read: (file: string, shown: string) => string;
  readonly exists: (file: string) => boolean;
  readonly machine: Machine;
}

/** Faults: CONFIG_*, those of the scanner, BUILDOUT_EXTENDS, SUBSTITUTION_*. */
export function readLayers(file: string, shown: string, source: Source): Layer[] {
  return [...new Reading(source).file({ file, shown }, [], {})];
}

interface Named {
  readonly file: string;
  readonly shown: string;
}

const WORDS = ['extends', 'optional-extends', 'extended-by'] as const;

class Reading {
  readonly #source: Source;
  readonly #scanned = new Map<string, Layer>();
  /** What a file comes to, with all below it: it may be extended on many ways. */
  readonly #whole = new Map<string, readonly Layer[]>();

  constructor(source: Source) {
    this.#source = source;
  }

  file(named: Named, way: readonly Named[], context: FaultContext): readonly Layer[] {
    const known = this.#whole.get(named.file);
    if (known !== undefined) return known;
    const whole = this.#file(named, way, context);
    this.#whole.set(named.file, whole);
    return whole;
  }

  #file(named: Named, way: readonly Named[], context: FaultContext): readonly Layer[] {
    const circle = way.findIndex(({ file }) => file === named.file);
    if (circle !== -1) {
      const files = [...way.slice(circle), named].map(({ shown }) => shown);
      throw new Fault('BUILDOUT_EXTENDS', { why: `files extend each other in a circle: ${files.join(' -> ')}` }, context);
    }
    const layer = this.#scan(named, context);
    const buildout = layer.sections.get(BUILDOUT);
    if (buildout === undefined) return [layer];
    const said = new Merged([layer]).section(BUILDOUT).options;
    const refused = said.get('extended-by');
    if (refused !== undefined)
      throw new Fault(
        'BUILDOUT_EXTENDS',
        { why: 'extended-by is no more; the other file says extends' },
        { at: refused.lines[0]!.at },
      );
    const below = (word: 'extends' | 'optional-extends'): Layer[] =>
      (said.get(word)?.lines ?? []).flatMap((line) => this.#extended(line, word, named, [...way, named]));
    const own = { ...layer, sections: without(layer.sections, buildout) };
    return this.#bounded([...below('extends'), ...below('optional-extends'), own], context);
  }

  /** Faults: BUILDOUT_EXTENDS. */
  #bounded(layers: readonly Layer[], context: FaultContext): readonly Layer[] {
    const kept = withoutRepeated(layers);
    if (kept.length <= LAYERS_MAX) return kept;
    const why = `files extend each other on more than ${LAYERS_MAX} ways; a file that adds with += stands once for each of them`;
    throw new Fault('BUILDOUT_EXTENDS', { why }, context);
  }

  #extended(line: Line, word: 'extends' | 'optional-extends', from: Named, way: readonly Named[]): readonly Layer[] {
    return Array.from(line.text.matchAll(/\S+/g), ({ 0: written, index }) => {
      const at: Place | undefined = line.at && { ...line.at, column: line.at.column + index, length: written.length };
      const context = { at, askedBy: [shownAs(BUILDOUT, at)] };
      const path = environmentIn(written, this.#source.machine.environment, context);
      if (/^[a-z][a-z+.-]+:\/\//i.test(path))
        throw new Fault('BUILDOUT_EXTENDS', { why: `${path} is not on this machine; nothing is fetched` }, context);
      const file = resolve(dirname(from.file), path);
      if (word === 'optional-extends' && !this.#source.exists(file)) return [];
      const shown = isAbsolute(path) ? path : join(dirname(from.shown), path);
      return this.file({ file, shown }, way, context);
    }).flat();
  }

  #scan({ file, shown }: Named, { at, askedBy }: FaultContext): Layer {
    const known = this.#scanned.get(file);
    if (known !== undefined) return known;
    let text: string;
    try {
      text = this.#source.read(file, shown);
    } catch (error) {
      if (!(error instanceof Fault) || error.at !== undefined) throw error;
      throw new Fault(error.code, error.details, { at, ...(askedBy && { askedBy }), cause: error.cause });
    }
    const layer = scanBuildout(text, shown, (condition, place) => holds(condition, this.#source.machine, place));
    this.#scanned.set(file, layer);
    return layer;
  }
}

const LAYERS_MAX = 10_000;

/**
 * A layer that only sets values counts where it stands last, and orders names where it stands first: what is between changes nothing,
 * and would double with each file that is extended on two ways.
 */
function withoutRepeated(layers: readonly Layer[]): Layer[] {
  const first = new Map<Layer, number>();
  const last = new Map<Layer, number>();
  for (const [index, layer] of layers.entries()) {
    if (!first.has(layer)) first.set(layer, index);
    last.set(layer, index);
  }
  const onlySets = new Map(Array.from(first.keys(), (layer) => [layer, isOnlySetting(layer)]));
  return layers.filter(
    (layer, index) => first.get(layer) === index || last.get(layer) === index || onlySets.get(layer) === false,
  );
}

function isOnlySetting({ sections }: Layer): boolean {
  return [...sections.values()].every(({ assignments }) => assignments.every(({ operator }) => operator === '='));
}

/** What has been followed is no option any more. */
function without(sections: Layer['sections'], buildout: ScannedSection): Layer['sections'] {
  const assignments = buildout.assignments.filter(({ option }) => !(WORDS as readonly string[]).includes(option));
  return new Map(sections).set(BUILDOUT, { ...buildout, assignments });
}
