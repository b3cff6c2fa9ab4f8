// composing.ts: a builder whose composites ask a library for apps by name.
//
// It brings the planner with it, so a worker without a composite does not come here.

import { Builder } from './build.ts';
import { CompositeLoader } from './composite-loader.ts';
import { Library, type LibraryRecord } from './library.ts';
import { outsideOf, readDocument } from './read-config.ts';
import type { SettledAhead } from './typed-settings.ts';

export function composingBuilder(library: Library, ahead?: SettledAhead): Builder {
  return new Builder((context, builder) => new CompositeLoader(context, library, builder), ahead);
}

/** As it is seen in another thread, which reads what it does not have. */
export function libraryOf(record: LibraryRecord): Library {
  return new Library(record, readDocument, outsideOf);
}
