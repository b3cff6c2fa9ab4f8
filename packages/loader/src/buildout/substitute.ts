// buildout/substitute.ts: a merged configuration with its references put in, each value once, when it is asked for.
//
// Law: what a reference brings is never scanned again: an escape stays escaped, and a `$` in the environment is a `$`.

import { Fault, FaultList, gather, nearest, type FaultContext, type Place } from '@appserve/core';
import { given, type Setting, type Settings } from '../setting.ts';
import type { Line } from './assignment.ts';
import { BUILDOUT, shownAs, type Merged, type RawOption } from './merge.ts';
import { ENVIRONMENT, piecesOf, type ContextOf, type Piece, type Reference } from './reference.ts';

/** Values that refer to values that refer to values, each twice, would fill any memory. */
const LENGTH_MAX = 2 ** 20;
/** Deeper than any that a person would write, and shallower than what fills the stack. */
const DEPTH_MAX = 200;
/** The name of the section itself, which macros ask for. */
const OWN_NAME = '_buildout_section_name_';

type Environment = Readonly<Record<string, string | undefined>>;

/** Who asks, the outermost first: a circle is known by it. */
interface Step {
  readonly section: string;
  readonly option: string;
  readonly shown: string;
}

export interface Text {
  readonly text: string;
  readonly isSecret: boolean;
}

export class Configuration {
  readonly merged: Merged;
  readonly #environment: Environment;
  readonly #settled = new Map<string, Map<string, Setting>>();
  readonly #failures = new Map<string, Fault | FaultList>();
  readonly #cycles = new Map<string, Fault>();
  readonly #secrets = new Map<string, Setting>();
  /** Called when a value leads to another section: it may have to be made first, and then this throws. */
  onEnter: (section: string) => void = () => undefined;
  /** Called for every option that a reference has asked for. */
  onUse: (section: string, option: string) => void = () => undefined;

  constructor(merged: Merged, environment: Environment) {
    this.merged = merged;
    this.#environment = environment;
  }

  get names(): readonly string[] {
    return this.merged.names;
  }

  /** Values of the environment that were put in so far: nobody shall read them in messages. */
  get secrets(): Iterable<Setting> {
    return this.#secrets.values();
  }

  /** What a part has made known, or what we know: it wins over what is written. */
  tell(section: string, option: string, { text, isSecret }: Text): void {
    this.#known(section).set(option, { ...given(option, text), isSecret });
  }

  /** Faults: those of `merged.section`, SUBSTITUTION_*, BUILDOUT_*_MISSING, at the reference. */
  option(section: string, name: string): Setting | undefined {
    return this.#option(section, name, [], {});
  }

  /** All of a section. Faults: those of all of them. */
  options(section: string, context: FaultContext = {}): Settings {
    const names = [...this.merged.section(section, context).options.keys(), ...(this.#settled.get(section)?.keys() ?? [])];
    const settings = gather([...new Set(names)].map((name) => () => this.#option(section, name, [], context)));
    return new Map(settings.flatMap((setting) => (setting === undefined ? [] : [[setting.key, setting]])));
  }

  /** What a reference in a text of that section stands for. */
  resolve(reference: Reference, section: string, contextOf: ContextOf): Text {
    return this.#resolved(reference, section, [], contextOf);
  }

  #known(section: string): Map<string, Setting> {
    const known = this.#settled.get(section) ?? new Map<string, Setting>();
    this.#settled.set(section, known);
    return known;
  }

  #option(section: string, name: string, way: readonly Step[], context: FaultContext): Setting | undefined {
    const known = this.#known(section);
    const setting = known.get(name);
    if (setting !== undefined) return setting;
    const raw = this.merged.section(section, context).options.get(name);
    if (raw === undefined) return undefined;
    const key = `${section}:${name}`;
    const failure = this.#failures.get(key);
    if (failure !== undefined) throw failure;
    try {
      const made = this.#made(section, raw, way);
      known.set(name, made);
      return made;
    } catch (error) {
      // Whoever asks again is told the same. What is no fault is a part that is not made yet.
      if (error instanceof Fault || error instanceof FaultList) this.#failures.set(key, error);
      throw error;
    }
  }

  #made(section: string, raw: RawOption, way: readonly Step[]): Setting {
    const at = raw.history.findLast((deed) => deed.at !== undefined)?.at;
    const path = [...way, { section, option: raw.name, shown: shownAs(section, at) }];
    let isSecret = false;
    const lines = raw.lines.flatMap((line): Line[] => {
      if (!line.text.includes('$')) return [line];
      const made = this.#line(line, section, path);
      isSecret ||= made.isSecret;
      return made.text.split('\n').map((text) => ({ text, at: line.at }));
    });
    const places = lines.flatMap((line) => line.at ?? []);
    const value = lines.map(({ text }) => text).join('\n');
    return { key: raw.name, value, at, lines: places.length === lines.length ? places : [], isSecret, scope: undefined };
  }

  #line({ text, at }: Line, section: string, path: readonly Step[]): Text {
    const contextOf: ContextOf = (offset, length) => ({ at: shifted(at, offset, length), askedBy: askers(path) });
    if (path.length > DEPTH_MAX)
      throw new Fault('SUBSTITUTION_DEPTH', { limit: DEPTH_MAX }, { ...contextOf(0, text.length), askedBy: [] });
    return joined(
      piecesOf(text, contextOf),
      (reference) => this.#resolved(reference, section, path, contextOf),
      () => contextOf(0, text.length),
    );
  }

  #resolved(reference: Reference, own: string, way: readonly Step[], contextOf: ContextOf): Text {
    const contextHere = (): FaultContext => contextOf(reference.offset, reference.written.length);
    if (reference.section === ENVIRONMENT && !this.merged.has(ENVIRONMENT)) {
      const found = variable(reference, this.#environment, contextHere());
      const { option: name } = reference;
      if (found.isSecret) this.#secrets.set(name, { ...given(name, found.text), isSecret: true });
      return found;
    }
    if (reference.fallback !== undefined) {
      const why = `[${ENVIRONMENT}] is a section here, so this is none of the environment's variables`;
      throw new Fault('SUBSTITUTION_SYNTAX', { written: reference.written, why }, contextHere());
    }
    const section = reference.section === '' ? own : reference.section;
    const { option } = reference;
    const circle = way.findIndex((step) => step.section === section && step.option === option);
    if (circle !== -1) throw this.#cycleFault(way.slice(circle), contextHere());
    if (section !== own) this.onEnter(section);
    this.onUse(section, option);
    const setting = this.#option(section, option, way, contextHere());
    if (setting !== undefined) return { text: setting.value, isSecret: setting.isSecret };
    if (option === OWN_NAME) return { text: section, isSecret: false };
    const has = [...this.merged.section(section).options.keys()].filter((name) => !name.startsWith('<'));
    throw new Fault('BUILDOUT_OPTION_MISSING', { section, option, nearest: nearest(option, has), has }, contextHere());
  }

  /** Whichever of its values one begins with, it is one circle, and one fault. */
  #cycleFault(steps: readonly Step[], context: FaultContext): Fault {
    const names = steps.map(({ section, option }) => `${section}:${option}`);
    const members = names.toSorted().join('\n');
    const fault = this.#cycles.get(members) ?? new Fault('SUBSTITUTION_CYCLE', { cycle: [...names, names[0]!] }, context);
    this.#cycles.set(members, fault);
    return fault;
  }
}

/** Innermost first. */
function askers(path: readonly Step[]): string[] {
  return path.map(({ shown, option }) => `${shown} ${option}`).toReversed();
}

/** The pieces of a text with each reference replaced. Faults: SUBSTITUTION_TOO_LONG. */
function joined(pieces: readonly Piece[], textOf: (reference: Reference) => Text, contextOf: () => FaultContext): Text {
  let [text, isSecret] = ['', false];
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      text += piece;
    } else {
      const made = textOf(piece);
      text += made.text;
      isSecret ||= made.isSecret;
      if (text.length > LENGTH_MAX) throw new Fault('SUBSTITUTION_TOO_LONG', { limit: LENGTH_MAX }, contextOf());
    }
  }
  return { text, isSecret };
}

/** Faults: SUBSTITUTION_ENVIRONMENT. */
function variable({ option, fallback }: Reference, environment: Environment, context: FaultContext): Text {
  const found = Object.hasOwn(environment, option) ? environment[option] : undefined;
  if (found !== undefined) return { text: found, isSecret: true };
  if (fallback !== undefined) return { text: fallback, isSecret: false };
  throw new Fault('SUBSTITUTION_ENVIRONMENT', { name: option, nearest: nearest(option, Object.keys(environment)) }, context);
}

/** `extends` is read before there are sections: only the environment can stand in it. Faults: SUBSTITUTION_*, BUILDOUT_EXTENDS. */
export function environmentIn(text: string, environment: Environment, context: FaultContext): string {
  const contextOf: ContextOf = (offset, length) => ({ ...context, at: shifted(context.at, offset, length) });
  const lookUp = (reference: Reference): Text => {
    const here = contextOf(reference.offset, reference.written.length);
    if (reference.section === ENVIRONMENT) return variable(reference, environment, here);
    const why = `${reference.written} cannot stand here: [${BUILDOUT}] is not known before all files are read`;
    throw new Fault('BUILDOUT_EXTENDS', { why }, here);
  };
  return joined(piecesOf(text, contextOf), lookUp, () => context).text;
}

function shifted(at: Place | undefined, offset: number, length: number): Place | undefined {
  return at && { ...at, column: at.column + offset, length };
}
