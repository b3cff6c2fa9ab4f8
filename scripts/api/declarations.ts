// api/declarations.ts: the declarations of one package, followed from its entry points through its files.

import { existsSync } from 'node:fs';
import { readDeclarations, type Declaration, type DeclarationFile, type Elsewhere } from './declaration-file.ts';

/** Where a name is declared: in a file of ours, or, for all that we know, in another package. */
export type Home = Elsewhere;

export class Declarations {
  readonly #files = new Map<string, DeclarationFile>();

  /** What an entry point exports, by name. */
  exportsOf(path: string): ReadonlyMap<string, Home> {
    const { exported, exportedWhole } = this.#file(path);
    const named = [...exported].map(([name, target]) => [name, this.#homeOf(path, target)] as const);
    return new Map([...exportedWhole.flatMap((module) => [...this.exportsOf(module)]), ...named]);
  }

  /** Nothing where another package declares it. */
  at({ module, name }: Home): Declaration | undefined {
    return isOurs(module) ? this.#file(module).declared.get(name) : undefined;
  }

  /** What is named in there, and in what is named there, and so on: of this package alone. */
  reachedFrom(first: Iterable<Home>): readonly Home[] {
    const reached = new Map<string, Home>();
    const follow = (home: Home): void => {
      const declaration = this.at(home);
      if (declaration === undefined || reached.has(keyOf(home))) return;
      reached.set(keyOf(home), home);
      for (const mention of declaration.mentions) follow(this.#homeOf(home.module, mention));
    };
    for (const home of first) follow(home);
    return [...reached.values()];
  }

  #file(path: string): DeclarationFile {
    const known = this.#files.get(path) ?? readDeclarations(path);
    this.#files.set(path, known);
    return known;
  }

  /** Where a name that is used in a file is declared. One that it does not know is of the language, or a parameter. */
  #homeOf(path: string, target: string | Elsewhere): Home {
    if (typeof target !== 'string') return this.#declaredBy(target);
    const { declared, imported } = this.#file(path);
    const elsewhere = imported.get(target);
    return declared.has(target) || elsewhere === undefined ? { module: path, name: target } : this.#declaredBy(elsewhere);
  }

  /** From a module that exports a name to the one that declares it. */
  #declaredBy({ module, name }: Elsewhere): Home {
    if (!isOurs(module)) return { module, name };
    const home = this.exportsOf(module).get(name);
    if (home === undefined) throw new Error(`${module} exports no ${name}`);
    return home;
  }
}

export function keyOf({ module, name }: Home): string {
  return `${module}#${name}`;
}

function isOurs(module: string): boolean {
  return module.startsWith('/') && existsSync(module);
}
