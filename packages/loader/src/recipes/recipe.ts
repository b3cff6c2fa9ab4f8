// recipes/recipe.ts: what a recipe is: a function from a part of the configuration to files.
//
// Law: a recipe writes nothing and changes nothing; what it gives is written by generate/, all parts together or none. So it may be
// called again: it is, when it asks for another part that is not made yet.

import type { Text } from '../buildout/substitute.ts';
import type { GeneratedFile } from '../generate/generated.ts';
import type { Part } from './part.ts';

export interface Made {
  readonly files?: readonly GeneratedFile[];
  /** Absolute. They are made with those above them, and removed with the part when they are empty. */
  readonly folders?: readonly string[];
  /** What others can ask for as `${part:name}`, beside the options. A text alone is secret when the recipe has read a secret. */
  readonly values?: Readonly<Record<string, string | Text>>;
}

/** A package has it in the group `recipe` of its package.json. */
export type Recipe = (part: Part) => Made | Promise<Made>;
