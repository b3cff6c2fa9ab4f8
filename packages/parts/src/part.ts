// part.ts: what is known of a part before it is made: its options, and words and an example for docs/reference/parts.md.
//
// Law: it brings zod. The main thread settles a section by it; no worker imports it, nor a file named *-part.ts. A part stands in three
// places: `NAME.ts` makes it, `NAME-part.ts` declares it, and package.json offers both under its name.

import type { Options } from '@appserve/core/options';

export interface Part<O extends Options = Options> {
  readonly group: 'app_factory' | 'composite_factory' | 'filter_factory' | 'filter_app_factory';
  /** Markdown: what it is for, and what one must know to use it. */
  readonly does: string;
  readonly options: O;
  /** A whole ini, whose `[app:main]` a test loads. */
  readonly example: string;
  /** Names in inis that were written for Python which mean this one: `Paste#urlmap`. packages/loader/src/legacy.ts has them too. */
  readonly legacy?: readonly string[];
}

/** Keeps the types of the rows. */
export function part<const O extends Options>(declared: Part<O>): Part<O> {
  return declared;
}
