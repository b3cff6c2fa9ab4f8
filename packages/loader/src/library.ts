// library.ts: the files of one configuration, each read once, and the scopes in which they are seen.
//
// Law: whoever plans asks here for files and never reads one. The library is given a reader; in a worker it begins with what the
// main thread has read, so that all threads see one configuration.

import { dirname, isAbsolute, join, resolve } from 'node:path';
import { Fault, type FaultContext } from '@appserve/core';
import type { Document } from './ini/document.ts';
import type { Outside, Variables } from './ini/interpolate.ts';
import { Scope } from './scope.ts';
import type { FileScopeRef, ScopeRef, Setting } from './setting.ts';

/** Reads a file: absolute, and as messages call it. Faults: CONFIG_MISSING, CONFIG_UNREADABLE, INI_*. */
export type ReadDocument = (file: string, shown: string) => Document;

/** Plain data: a worker makes its own library of it. */
export interface LibraryRecord {
  readonly documents: ReadonlyMap<string, Document>;
  readonly vars: Variables;
  /** Where modules and packages are looked up that no file names. */
  readonly folder: string;
}

export class Library {
  readonly #documents: Map<string, Document>;
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

  /** Faults: those of the reader. */
  scope(ref: FileScopeRef, shown: string): Scope {
    const known = this.#scopes.get(ref);
    if (known !== undefined) return known;
    const { file } = ref;
    const document = this.#documents.get(file) ?? this.#read(file, shown);
    this.#documents.set(file, document);
    const scope = new Scope(ref, document, this.vars, this.#outsideOf(dirname(file)));
    this.#scopes.set(ref, scope);
    return scope;
  }

  /** `config:path`, as a scope says it; `globals` is what it lends. Faults: CONFIG_MISSING at the place that asks, and those of the file. */
  included(from: Scope, path: string, globals: readonly Setting[], context: FaultContext): Scope {
    const file = resolve(dirname(from.ref.file), path);
    const shown = isAbsolute(path) ? path : join(dirname(from.document.file), path);
    try {
      return this.scope({ file, injected: globals }, shown);
    } catch (error) {
      if (!(error instanceof Fault) || error.at !== undefined) throw error;
      throw new Fault(error.code, error.details, { ...context, cause: error.cause });
    }
  }
}
