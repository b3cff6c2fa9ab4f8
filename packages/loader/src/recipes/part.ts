// recipes/part.ts: a part of a configuration as its recipe sees it: its options with their places, the other parts, templates.

import { isAbsolute, join, relative, resolve } from 'node:path';
import { booleanOf, Fault, formatPlace, nearest, type FaultContext, type Place } from '@appserve/core';
import { seconds } from '@appserve/core/options';
import { shownAs } from '../buildout/merge.ts';
import type { Configuration, Text } from '../buildout/substitute.ts';
import type { GeneratedText } from '../generate/generated.ts';
import { render, type Template } from '../generate/template.ts';
import { wordsOf, type Setting, type Settings, type Word } from '../setting.ts';

/** What a part needs of the world. */
export interface PartWorld {
  readonly configuration: Configuration;
  /** The folder of the configuration: absolute, and as messages call it. */
  readonly directory: string;
  readonly shownDirectory: string;
  /** Faults: CONFIG_MISSING, CONFIG_UNREADABLE. */
  readonly read: (file: string, shown: string) => string;
  /** The permissions of a file that is read. */
  readonly modeOf: (file: string) => number;
  /** Throws where the section is a part that is not made yet: it is made, and the recipe called again. Faults: PART_CYCLE. */
  readonly need: (section: string, context: FaultContext) => void;
}

/** What a template is of. */
export interface TemplateKind extends Pick<Template, 'hasPercent' | 'isIni'> {
  /** What `%(name)s` can be, beside the options of the part. */
  readonly variables?: ReadonlyMap<string, Text>;
}

export class Part {
  readonly name: string;
  /** Where the section stands. */
  readonly at: Place | undefined;
  readonly options: Settings;
  readonly #world: PartWorld;
  readonly #used = new Set<string>(['recipe', '<part-dependencies>']);
  readonly #warnings: string[] = [];
  #hasReadSecret = false;

  constructor(name: string, options: Settings, world: PartWorld) {
    this.name = name;
    this.options = this.#watched(options);
    this.#world = world;
    this.at = world.configuration.merged.section(name).at;
  }

  /** The folder of the configuration. */
  get directory(): string {
    return this.#world.directory;
  }

  /** `parts/NAME`, where a part puts what is its own. */
  get folder(): string {
    return join(this.buildout('parts-directory'), this.name);
  }

  /** For headers of files: the same wherever one builds from, and whatever is written above it. */
  get source(): string {
    return this.at === undefined ? `[${this.name}]` : `[${this.name}] of ${relative(this.directory, resolve(this.at.file))}`;
  }

  /** For messages. */
  get shown(): string {
    return shownAs(this.name, this.at);
  }

  /** Options that the recipe has asked for. */
  get used(): ReadonlySet<string> {
    return this.#used;
  }

  /** What is to be said of a part that is right by itself. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Whether a value was read that came from the environment; what was read within `marked` does not count. */
  get hasReadSecret(): boolean {
    return this.#hasReadSecret;
  }

  /** What `make` makes, and whether it has read a value of the environment for it. */
  marked<T>(make: () => T): { readonly made: T; readonly isSecret: boolean } {
    const outside = this.#hasReadSecret;
    this.#hasReadSecret = false;
    try {
      const made = make();
      return { made, isSecret: this.#hasReadSecret };
    } finally {
      this.#hasReadSecret = outside;
    }
  }

  /** A value for others to refer to. */
  told(make: () => string): Text {
    const { made, isSecret } = this.marked(make);
    return { text: made, isSecret };
  }

  /** Whoever reads a secret is noticed: a recipe cannot forget to say it. */
  #watched(settings: Settings): Settings {
    if (![...settings.values()].some(({ isSecret }) => isSecret)) return settings;
    const note = (text: string): string => this.#noted({ text, isSecret: true });
    const watched = (setting: Setting): Setting => {
      const { value, ...rest } = setting;
      return Object.defineProperty({ ...rest, value }, 'value', { get: () => note(value), enumerable: true });
    };
    return new Map(Array.from(settings, ([key, setting]) => [key, setting.isSecret ? watched(setting) : setting]));
  }

  #noted({ text, isSecret }: Text): string {
    this.#hasReadSecret ||= isSecret;
    return text;
  }

  setting(key: string): Setting | undefined {
    this.#used.add(key);
    return this.options.get(key);
  }

  /** Nothing when it is not there, or empty. */
  text(key: string): string | undefined {
    const value = this.setting(key)?.value;
    return value === '' ? undefined : value;
  }

  /** Faults: PART_OPTION. */
  required(key: string): Setting {
    const setting = this.setting(key);
    if (setting !== undefined && setting.value !== '') return setting;
    const like = nearest(
      key,
      [...this.options.keys()].filter((name) => !this.#used.has(name)),
    );
    return this.refuse(key, `is missing${like === undefined ? '' : `; there is ${like}`}`);
  }

  words(key: string): readonly Word[] {
    const setting = this.setting(key);
    return setting === undefined ? [] : wordsOf(setting);
  }

  /** The lines of a list that have something in them. */
  lines(key: string): readonly Word[] {
    const setting = this.setting(key);
    if (setting === undefined) return [];
    const all = setting.value.split('\n').map((text, index) => ({ text: text.trim(), at: setting.lines[index] ?? setting.at }));
    return all.filter(({ text }) => text !== '');
  }

  /** Faults: PART_OPTION for what is no boolean. */
  flag(key: string, fallback: boolean): boolean {
    const text = this.text(key);
    if (text === undefined) return fallback;
    return booleanOf(text) ?? this.refuse(key, `${text} is neither true nor false`);
  }

  /** In milliseconds. Faults: PART_OPTION for what is no time as the options of the server are written, such as 30s. */
  time(key: string): number | undefined {
    const text = this.text(key);
    return text === undefined ? undefined : (timeOf(text) ?? this.refuse(key, `${text} is not ${TIME.allowed}`));
  }

  /** Faults: PART_OPTION for what is no mode such as 0640. */
  mode(key: string): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    return /^0?[0-7]{3,4}$/.test(text) ? Number.parseInt(text, 8) : this.refuse(key, `${text} is no mode such as 0640`);
  }

  /** `server.workers` as `workers`, for the prefix `server.`. */
  under(prefix: string): Setting[] {
    const found = [...this.options.values()].filter(({ key }) => key.startsWith(prefix) && key.length > prefix.length);
    for (const { key } of found) this.#used.add(key);
    return found.map((setting) => ({ ...setting, key: setting.key.slice(prefix.length) }));
  }

  /** A path is relative to the folder of the configuration. */
  path(written: string): string {
    return resolve(this.directory, written);
  }

  /** Another source, as headers call it. */
  sourcePath(path: string): string {
    return relative(this.directory, path);
  }

  /** As messages call it. */
  shownPath(path: string): string {
    const inside = relative(this.directory, path);
    return inside.startsWith('..') || isAbsolute(inside) ? path : join(this.#world.shownDirectory, inside);
  }

  /** An option of [buildout], which has these by default. */
  buildout(key: 'bin-directory' | 'parts-directory' | 'executable' | 'appserve'): string {
    const { value, isSecret } = this.#world.configuration.option('buildout', key)!;
    return this.#noted({ text: value, isSecret });
  }

  /** A section that a word of ours names; it is made first where it is a part. Faults: BUILDOUT_SECTION_MISSING, PART_CYCLE. */
  section({ text, at }: Word): Settings {
    const context = { at, askedBy: [this.shown] };
    this.#world.configuration.merged.section(text, context);
    this.#world.need(text, context);
    return this.#watched(this.#world.configuration.options(text, context));
  }

  /** The permissions of a file that the part is made from. */
  modeOf(path: string): number {
    return this.#world.modeOf(path);
  }

  /** A template in a file that an option names. Faults: CONFIG_MISSING at the option; those of the template. */
  renderFile(key: string, { variables, ...kind }: TemplateKind): GeneratedText {
    const { value, at } = this.required(key);
    const file = this.path(value);
    const shown = this.shownPath(file);
    let text: string;
    try {
      text = this.#world.read(file, shown);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      throw new Fault(error.code, error.details, { at, askedBy: [this.shown], cause: error.cause });
    }
    const made = render({ text, file: shown, ...kind }, this.#names(variables));
    this.#hasReadSecret ||= made.isSecret;
    return made;
  }

  /** Text in an option, as it stands there: its references have been put in already. */
  textIn(key: string): GeneratedText {
    const { value, at, lines, isSecret } = this.required(key);
    return { lines: value.split('\n').map((text, index) => ({ text, from: lines[index] ?? at })), isSecret };
  }

  #names(variables: ReadonlyMap<string, Text> = new Map()): Parameters<typeof render>[1] {
    const { configuration } = this.#world;
    return {
      variable: (name) => {
        const known = variables.get(name);
        if (known !== undefined) return known;
        const setting = this.setting(name);
        return setting && { text: setting.value, isSecret: setting.isSecret };
      },
      names: () => [...variables.keys(), ...this.options.keys()],
      resolve: (reference, contextOf) => configuration.resolve(reference, this.name, contextOf),
      askedBy: [this.shown],
    };
  }

  /** Where the option stands, or else the section. */
  warn(key: string, why: string): void {
    const at = this.options.get(key)?.at ?? this.at;
    this.#warnings.push(`${at === undefined ? '' : `${formatPlace(at)}: `}[${this.name}] ${why}`);
  }

  /** Faults: PART_OPTION, where the option stands, or else the section. */
  refuse(key: string, why: string, at?: Place): never {
    throw new Fault('PART_OPTION', { key, why }, { at: at ?? this.options.get(key)?.at ?? this.at, askedBy: [this.shown] });
  }
}

const TIME = seconds();

/** In milliseconds; nothing where it is none. */
export function timeOf(text: string): number | undefined {
  return TIME.schema.safeParse(text).data;
}
