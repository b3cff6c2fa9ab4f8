// generate/parts.ts: the parts of a configuration are made: recipes are found and called, and what they make is gathered. Nothing is
// written.
//
// Law: a part that another one refers to is made before it. A recipe that meets one that is not made yet is broken off, and called
// again when it is there.

import { inspect } from 'node:util';
import { Fault, FaultList, Faults, nearest, type ExportRef, type FaultContext } from '@appserve/core';
import { COMMAND_LINE } from '../buildout/command-line.ts';
import { PART_DEPENDENCIES } from '../buildout/scan.ts';
import type { Configuration, Text } from '../buildout/substitute.ts';
import { resolveExport } from '../entry-points.ts';
import { importExport } from '../modules.ts';
import { Part, type PartWorld } from '../recipes/part.ts';
import type { Made, Recipe } from '../recipes/recipe.ts';
import { wordsOf, type Setting, type Word } from '../setting.ts';
import { parseTarget } from '../uri.ts';
import type { GeneratedFile } from './generated.ts';

export interface MadePart extends Made {
  readonly part: Part;
  /** As the configuration names it. */
  readonly recipe: string;
  readonly files: readonly MadeFile[];
}

/** Known to be secret, or not to be. */
export type MadeFile = GeneratedFile & { readonly isSecret: boolean };

/** A part is needed that is not made yet. */
class Awaiting extends Error {
  readonly section: string;

  constructor(section: string) {
    super(`the part ${section} is needed first`);
    this.section = section;
  }
}

/** A part is needed whose own mistake has been told already. */
class Broken extends Error {}

/** Recipes of Python whose place is taken by ours. */
const LEGACY: Readonly<Record<string, string>> = {
  'plone.recipe.zope2instance': '@appserve/loader#instance',
  'collective.recipe.template': '@appserve/loader#template',
};
/** The group of entry points. */
const GROUP = 'recipe';

/** In the order in which they were made. Faults: BUILDOUT_*, SUBSTITUTION_*, PART_*, RECIPE_FAILED, those of recipes; all at once. */
export async function makeParts(words: readonly Word[], world: Omit<PartWorld, 'need'>): Promise<readonly MadePart[]> {
  const making = new Making(world);
  const faults = new Faults();
  for (const word of words)
    await making.wanted(word).catch((error: unknown) => (error instanceof Broken ? undefined : faults.add(error)));
  faults.end();
  return [...making.made.values()];
}

class Making {
  readonly made = new Map<string, MadePart>();
  readonly #failed = new Set<string>();
  /** By how they are named: three hundred parts have a few recipes. */
  readonly #recipes = new Map<string, Recipe>();
  readonly #world: PartWorld;
  readonly #configuration: Configuration;
  /** Those that are being made, the outermost first. */
  readonly #way: string[] = [];

  constructor(world: Omit<PartWorld, 'need'>) {
    this.#world = { ...world, need: (section, context) => this.#need(section, context) };
    this.#configuration = world.configuration;
    this.#configuration.onEnter = (section) => this.#enter(section);
  }

  /** Faults: PART_UNFIT for a section without a recipe. */
  async wanted({ text: name, at }: Word): Promise<void> {
    const context = { at, askedBy: at?.file === COMMAND_LINE ? [] : ['parts'] };
    if (name === 'buildout') throw new Fault('PART_UNFIT', { part: name, why: 'is no part' }, context);
    const { options } = this.#configuration.merged.section(name, context);
    if (!options.has('recipe')) throw new Fault('PART_UNFIT', { part: name, why: 'has no recipe' }, context);
    if (!this.made.has(name)) await this.#make(name, context);
  }

  /** What a recipe asks another part for is what that part has made: half of it is no help. Faults: PART_CYCLE. */
  #need(section: string, context: FaultContext): void {
    const first = this.#way.indexOf(section);
    if (first !== -1) throw new Fault('PART_CYCLE', { cycle: [...this.#way.slice(first), section] }, context);
    this.#enter(section);
  }

  /** What is written in a part can be read while it is made, as in zc.buildout. */
  #enter(section: string): void {
    if (this.made.has(section) || this.#way.includes(section)) return;
    if (this.#failed.has(section)) throw new Broken(`${section} could not be made`);
    if (!this.#configuration.merged.has(section)) return;
    if (this.#configuration.merged.section(section).options.has('recipe')) throw new Awaiting(section);
  }

  async #make(name: string, context: FaultContext): Promise<void> {
    this.#way.push(name);
    try {
      const made = await this.#after(() => this.#called(name, context));
      for (const [key, value] of Object.entries(made.values ?? {}))
        this.#configuration.tell(
          name,
          key,
          typeof value === 'string' ? { text: value, isSecret: made.part.hasReadSecret } : value,
        );
      this.made.set(name, made);
    } catch (error) {
      this.#failed.add(name);
      throw error;
    } finally {
      this.#way.pop();
    }
  }

  /** Does what may need further parts, as often as it needs one. */
  async #after<T>(act: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await act();
      } catch (reason) {
        if (!(reason instanceof Awaiting)) throw reason;
        await this.#make(reason.section, {});
      }
    }
  }

  async #called(name: string, context: FaultContext): Promise<MadePart> {
    const options = this.#configuration.options(name, context);
    for (const word of wordsIn(options.get(PART_DEPENDENCIES))) {
      this.#configuration.merged.section(word.text, { at: word.at, askedBy: [`[${name}]`] });
      this.#enter(word.text);
    }
    const recipe = options.get('recipe')!;
    const part = new Part(name, options, this.#world);
    const called = await this.#recipe(recipe, part);
    const { files = [], ...rest } = await result(called, part, recipe);
    return { ...rest, files: files.map((file) => marked(file, part)), part, recipe: recipe.value };
  }

  /** Faults: USE_INVALID, PACKAGE_*, MODULE_*, EXPORT_MISSING, PART_UNFIT. */
  async #recipe({ value, at }: Setting, part: Part): Promise<Recipe> {
    const known = this.#recipes.get(value);
    if (known !== undefined) return known;
    const fault: FaultContext = { at, askedBy: [part.shown] };
    const written = Object.hasOwn(LEGACY, value) ? LEGACY[value]! : value;
    const target = parseTarget(written, () => fault);
    if (target.type === 'section' || target.type === 'config') {
      const like = nearest(value, Object.keys(LEGACY));
      const why = `has a recipe that is none: ${value}${like === undefined ? ', where pkg#name or ./file.js#name is needed' : `; did you mean ${like}?`}`;
      throw new Fault('PART_UNFIT', { part: part.name, why }, fault);
    }
    const ref: ExportRef = resolveExport(target, GROUP, this.#world.directory, fault);
    const recipe = await importExport(ref, fault);
    if (typeof recipe !== 'function')
      throw new Fault('PART_UNFIT', { part: part.name, why: `has a recipe that is no function: ${value}` }, fault);
    this.#recipes.set(value, recipe as Recipe);
    return recipe as Recipe;
  }
}

function wordsIn(setting: Setting | undefined): Word[] {
  return setting === undefined ? [] : wordsOf(setting);
}

/** A recipe that has read a secret, and says nothing of it, has put it into its files. */
function marked(file: GeneratedFile, part: Part): MadeFile {
  if (file.isSecret === true || !part.hasReadSecret) return { ...file, isSecret: file.isSecret === true };
  const { mode } = file;
  return { ...file, isSecret: true, ...(mode !== undefined && { mode: mode & 0o700 }) };
}

/** What a recipe gives, if it gives what recipes give. Faults: RECIPE_FAILED, and whatever Fault it throws. */
async function result(recipe: Recipe, part: Part, { value, at }: Setting): Promise<Made> {
  const failed = (message: string, cause?: unknown): never => {
    throw new Fault('RECIPE_FAILED', { recipe: value, message }, { at, askedBy: [part.shown], cause });
  };
  let made: unknown;
  try {
    made = await recipe(part);
  } catch (error) {
    if (error instanceof Fault || error instanceof FaultList) throw error;
    if (error instanceof Awaiting || error instanceof Broken) throw error;
    return failed(error instanceof Error ? error.message : inspect(error), error);
  }
  const { files = [], folders = [], values = {} } = Object(made) as Made;
  const isMade = typeof made === 'object' && made !== null && Array.isArray(files) && Array.isArray(folders);
  if (!isMade) return failed('it gives no { files, folders, values }');
  const file = files.find((one) => typeof one?.path !== 'string' || !Array.isArray(one.lines));
  if (file !== undefined) return failed('a file that it gives has no path, or no lines');
  if (!Object.values(values).every(isText)) return failed('a value that it gives is no text');
  return made as Made;
}

function isText(value: string | Text): boolean {
  return typeof value === 'string' || typeof Object(value).text === 'string';
}
