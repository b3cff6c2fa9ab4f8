// composing.ts: a builder whose composites ask a library for apps by name.
//
// It brings the planner with it, so a worker without a composite does not come here.

import { Builder } from './build.ts';
import { CompositeLoader } from './composite-loader.ts';
import { Library, type LibraryRecord } from './library.ts';
import { outsideOf, readDocument } from './read-config.ts';

export function composingBuilder(library: Library): Builder {
  return new Builder((context, builder) => new CompositeLoader(context, library, builder));
}

/** As it is seen in another thread, which reads what it does not have. */
export function libraryOf(record: LibraryRecord): Library {
  return new Library(record, readDocument, outsideOf);
}
