// thread.ts: what runs in a worker: from a record that crossed the thread wall to an app.

import type { LivingApp } from '@appserve/core/app';
import { Builder } from './build.ts';
import { CompositeLoader } from './composite-loader.ts';
import { Library, type LibraryRecord } from './library.ts';
import { outsideOf, readDocument } from './read-config.ts';
import { importExport } from './modules.ts';
import type { Blueprint } from './resolve.ts';

/** Plain data. */
export interface AppRecord {
  readonly blueprint: Blueprint;
  /** For composites, which ask for apps by name while they are made. */
  readonly library: LibraryRecord;
}

export function newBuilder(library: Library): Builder {
  return new Builder((context, builder) => new CompositeLoader(context, library, builder));
}

/** An AppSource export: what a worker calls to get its app. Faults: those of Builder.app. */
export async function makeApp({ blueprint, library }: AppRecord): Promise<LivingApp> {
  const builder = newBuilder(new Library(library, readDocument, outsideOf));
  const app = await builder.app(blueprint);
  return {
    app,
    start: () => builder.life.start(),
    close: () => builder.life.close(),
    importExport: (ref) => importExport(ref, { at: ref.at }),
  };
}
