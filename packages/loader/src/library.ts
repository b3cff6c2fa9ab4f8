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
  readonly document: Promise<Document>;
  readonly file: string;

  constructor(file: string, document: Promise<Document>) {
    super(`${file} is still being read`);
    this.file = file;
    this.document = document;
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

  /** The absolute paths of all files that were read. */
  get files(): readonly string[] {
    return [...this.#documents.keys()];
  }

  /** Does what asks for scopes, as often as it needs files that take a moment. Faults: those of the act, and of the reader. */
  async whole<T>(act: () => T): Promise<T> {
    for (;;) {
      try {
        return act();
      } catch (reason) {
        if (!(reason instanceof StillReading)) throw reason;
        await reason.document.then(
          (document) => this.#documents.set(reason.file, document),
          // It is told when it is asked for again: there it is known who asks.
          (error: unknown) => this.#failed.set(reason.file, error),
        );
      }
    }
  }

  /** Within `whole`. Faults: those of the reader. */
  scope(ref: FileScopeRef, shown: string): Scope {
    const known = this.#scopes.get(ref);
    if (known !== undefined) return known;
    const { file } = ref;
    if (this.#failed.has(file)) throw this.#failed.get(file);
    const document = this.#documents.get(file) ?? this.#read(file, shown);
    if (document instanceof Promise) throw new StillReading(file, document);
    this.#documents.set(file, document);
    const scope = new Scope(ref, document, this.vars, this.#outsideOf(dirname(file)));
    this.#scopes.set(ref, scope);
    return scope;
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
