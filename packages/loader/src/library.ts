// library.ts: the files of one configuration, each read once, and the scopes in which they are seen.
//
// Law: whoever plans asks here for files and never reads one. The library is given a reader; in a worker it begins with what the
// main thread has read, so that all threads see one configuration.

import { dirname, isAbsolute, join, resolve } from 'node:path';
import { Fault, type FaultContext } from '@appserve/core';
import { withAskers } from './asked.ts';
import type { Document } from './ini/document.ts';
import type { Outside, Variables } from './ini/interpolate.ts';
import { Scope } from './scope.ts';
import type { FileScopeRef, ScopeRef, Setting } from './setting.ts';

/** Reads a file: absolute, and as messages call it. Faults: CONFIG_MISSING, CONFIG_UNREADABLE, INI_*, CONFIG_*. */
export type ReadDocument = (file: string, shown: string) => Document | Promise<Document>;

/** A file that is no ini takes a moment: what is under way is broken off, and done again when it is there. */
class StillReading extends Error {
  readonly done: Promise<void>;

  constructor(file: string, done: Promise<void>) {
    super(`${file} is still being read`);
    this.done = done;
  }
}

/** Plain data: a worker makes its own library of it. */
export interface LibraryRecord {
  readonly documents: ReadonlyMap<string, Document>;
  readonly vars: Variables;
  /** Where modules and packages are looked up that no file names. */
  readonly folder: string;
}

export class Library {
  readonly #documents: Map<string, Document>;
  readonly #failed = new Map<string, unknown>();
  /** Files that are being read. They never reject: what went wrong is told to whoever asks next. */
  readonly #reading = new Map<string, Promise<void>>();
  readonly #read: ReadDocument;
  readonly #outsideOf: (folder: string) => Outside;
  readonly #scopes = new Map<ScopeRef, Scope>();
  readonly vars: Variables;
  readonly folder: string;

  constructor({ documents, vars, folder }: LibraryRecord, read: ReadDocument, outsideOf: (folder: string) => Outside) {
    this.#documents = new Map(documents);
    this.vars = vars;
    this.folder = folder;
    this.#read = read;
    this.#outsideOf = outsideOf;
  }

  get record(): LibraryRecord {
    return { documents: this.#documents, vars: this.vars, folder: this.folder };
  }

  /** Does what asks for scopes, as often as it needs files that take a moment. Faults: those of the act, and of the reader. */
  async whole<T>(act: () => T): Promise<T> {
    for (;;) {
      try {
        return act();
      } catch (reason) {
        if (!(reason instanceof StillReading)) throw reason;
        await reason.done;
      }
    }
  }

  /** Within `whole`. Faults: those of the reader. */
  scope(ref: FileScopeRef, shown: string): Scope {
    const known = this.#scopes.get(ref);
    if (known !== undefined) return known;
    const { file } = ref;
    if (this.#failed.has(file)) throw this.#failed.get(file);
    const reading = this.#reading.get(file);
    if (reading !== undefined) throw new StillReading(file, reading);
    const document = this.#documents.get(file) ?? this.#read(file, shown);
    if (document instanceof Promise) throw new StillReading(file, this.#awaited(file, document));
    this.#documents.set(file, document);
    const scope = new Scope(ref, document, this.vars, this.#outsideOf(dirname(file)));
    this.#scopes.set(ref, scope);
    return scope;
  }

  /** Several may ask for the file while it is read: it is read once. */
  #awaited(file: string, document: Promise<Document>): Promise<void> {
    const done = document
      .then(
        (read) => void this.#documents.set(file, read),
        // It is told when it is asked for again: there it is known who asks.
        (error: unknown) => void this.#failed.set(file, error),
      )
      .finally(() => this.#reading.delete(file));
    this.#reading.set(file, done);
    return done;
  }

  /** `config:path`, as a scope says it; `globals` is what it lends. Faults: CONFIG_MISSING at the place that asks, and those of the file. */
  included(from: Scope, path: string, globals: readonly Setting[], context: FaultContext): Scope {
    const file = resolve(dirname(from.ref.file), path);
    const shown = isAbsolute(path) ? path : join(dirname(from.document.file), path);
    return withAskers(context.askedBy ?? [], () => {
      try {
        return this.scope({ file, injected: globals }, shown);
      } catch (error) {
        if (!(error instanceof Fault) || error.at !== undefined) throw error;
        throw new Fault(error.code, error.details, { at: context.at, cause: error.cause });
      }
    });
  }
}
