// thread.ts: what runs in a worker: from a record that crossed the thread wall to an app.

import { fromErrorRecord, type ErrorRecord } from '@appserve/core';
import type { LivingApp } from '@appserve/core/app';
import { Builder } from './build.ts';
import { importExport } from './modules.ts';
import type { LibraryRecord } from './library.ts';
import type { Blueprint } from './resolve.ts';
import type { SettledAhead } from './typed-settings.ts';

/** Plain data. */
export interface AppRecord {
  readonly blueprint: Blueprint;
  /** For composites, which ask for apps by name while they are made; nothing where there are none. */
  readonly library: LibraryRecord | undefined;
  /** Of what composites may ask for. */
  readonly ahead?: SettledAhead;
}

/** An AppSource export: what a worker calls to get its app. Faults: those of Builder.app. */
export async function makeApp({ blueprint, library, ahead }: AppRecord): Promise<LivingApp> {
  const builder = library === undefined ? new Builder(noLibrary) : await builderWith(library, ahead);
  const app = await builder.app(blueprint);
  return {
    app,
    start: () => builder.life.start(),
    close: () => builder.life.close(),
    importExport: (ref) => importExport(ref, { at: ref.at }),
  };
}

/** An AppSource export: of an app that cannot even be planned. Throws what the main thread has found. */
export function failApp(record: ErrorRecord): never {
  throw fromErrorRecord(record);
}

/** Only for composites: planning, resolving and the dialect of inis are half of what the loader would bring into a worker. */
async function builderWith(library: LibraryRecord, ahead: SettledAhead | undefined): Promise<Builder> {
  const { composingBuilder, libraryOf } = await import('./composing.ts');
  return composingBuilder(libraryOf(library), ahead);
}

function noLibrary(): never {
  throw new Error('a composite was built from a record that has none');
}
