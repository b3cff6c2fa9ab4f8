// api/declaration-file.ts: one .d.ts of ours: what it declares, what it imports, what it exports. tsc writes them all in one manner, so
// statements other than these do not occur, and are refused.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync, type Comment } from 'oxc-parser';

/** A name that another module exports; `*` is all of it. */
export interface Elsewhere {
  /** A file of ours, or the name of a package. */
  readonly module: string;
  readonly name: string;
}

/** What a file says of a name: its text, an overload a piece, and the names that it leans on. */
export interface Declaration {
  readonly texts: readonly string[];
  readonly mentions: readonly (string | Elsewhere)[];
}

export interface DeclarationFile {
  readonly declared: ReadonlyMap<string, Declaration>;
  readonly imported: ReadonlyMap<string, Elsewhere>;
  /** By the name that others see: a name in this file, or one of elsewhere. */
  readonly exported: ReadonlyMap<string, string | Elsewhere>;
  /** Modules of which all is exported. */
  readonly exportedWhole: readonly string[];
}

/** ESTree with TypeScript's nodes. Only what is asked for is named; the rest is walked through. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export function readDeclarations(path: string): DeclarationFile {
  return new Reader(path).read();
}

class Reader {
  readonly #path: string;
  readonly #text: string;
  readonly #comments: readonly Comment[];
  readonly #statements: readonly Node[];
  readonly #declared = new Map<string, Declaration>();
  readonly #imported = new Map<string, Elsewhere>();
  readonly #exported = new Map<string, string | Elsewhere>();
  readonly #exportedWhole: string[] = [];

  constructor(path: string) {
    this.#path = path;
    this.#text = readFileSync(path, 'utf8');
    const { program, comments, errors } = parseSync(path, this.#text);
    if (errors.length > 0) throw new Error(`${path}: ${errors[0]!.message}`);
    this.#comments = comments;
    this.#statements = program.body as unknown as readonly Node[];
  }

  read(): DeclarationFile {
    for (const statement of this.#statements) this.#take(statement);
    return {
      declared: this.#declared,
      imported: this.#imported,
      exported: this.#exported,
      exportedWhole: this.#exportedWhole,
    };
  }

  #take(statement: Node): void {
    switch (statement.type) {
      case 'ImportDeclaration':
        return this.#import(statement);
      case 'ExportNamedDeclaration':
        return statement['declaration'] === null ? this.#exportNames(statement) : this.#exportDeclared(statement);
      case 'ExportAllDeclaration':
        this.#exportedWhole.push(this.#moduleOf(statement['source'] as Node));
        return;
      default:
        this.#declare(statement);
    }
  }

  #import({ specifiers, source }: Node): void {
    for (const { type, local, imported } of specifiers as readonly Node[]) {
      const name = type === 'ImportSpecifier' ? nameOf(imported as Node) : '*';
      this.#imported.set(nameOf(local as Node), { module: this.#moduleOf(source as Node), name });
    }
  }

  #exportNames({ specifiers, source }: Node): void {
    for (const { local, exported } of specifiers as readonly Node[]) {
      const name = nameOf(local as Node);
      const target = source === null ? name : { module: this.#moduleOf(source as Node), name };
      this.#exported.set(nameOf(exported as Node), target);
    }
  }

  #exportDeclared({ declaration }: Node): void {
    for (const name of this.#declare(declaration as Node)) this.#exported.set(name, name);
  }

  #declare(statement: Node): readonly string[] {
    const names =
      statement.type === 'VariableDeclaration'
        ? (statement['declarations'] as readonly Node[]).map(({ id }) => nameOf(id as Node))
        : [nameOf((statement['id'] ?? refuse(this.#path, statement)) as Node)];
    for (const name of names) {
      const { texts = [], mentions = [] } = this.#declared.get(name) ?? {};
      this.#declared.set(name, {
        texts: [...texts, this.#textOf(statement)],
        mentions: [...mentions, ...this.#mentionsOf(statement)],
      });
    }
    return names;
  }

  /**
   * Without comments, without what is private, without the word that every declaration has; and without the file, `import("./fault.ts").`,
   * that tsc puts in front of a name which was not imported: which one it takes has no meaning.
   */
  #textOf(statement: Node): string {
    const hidden = [...this.#comments, ...privateMembersOf(statement)]
      .filter(({ start, end }) => start >= statement.start && end <= statement.end)
      .toSorted((one, other) => one.start - other.start);
    let text = '';
    let at = statement.start;
    for (const { start, end } of hidden) {
      text += this.#text.slice(at, start);
      at = end;
    }
    text += this.#text.slice(at, statement.end);
    return text
      .replace(/^declare /, '')
      .replaceAll(/\bimport\("[^"]*"\)\./g, '')
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '')
      .join('\n');
  }

  #mentionsOf(node: Node): readonly (string | Elsewhere)[] {
    const found: (string | Elsewhere)[] = [];
    for (const one of within(node)) {
      const reference = referenceOf(one);
      if (reference !== undefined) found.push(leftmost(reference));
      if (one.type === 'TSImportType' && one['qualifier'] !== null) {
        found.push({ module: this.#moduleOf(one['source'] as Node), name: leftmost(one['qualifier'] as Node) });
      }
    }
    return found;
  }

  /** `./fault.ts`, as tsc leaves it, is the `fault.d.ts` beside it. */
  #moduleOf(source: Node): string {
    const specifier = String(source['value']);
    return specifier.startsWith('.') ? join(dirname(this.#path), specifier.replace(/\.ts$/, '.d.ts')) : specifier;
  }
}

/** Where a name stands for a type, or for the value whose type it is. */
const REFERENCES: Readonly<Record<string, string>> = {
  TSTypeReference: 'typeName',
  TSTypeQuery: 'exprName',
  TSInterfaceHeritage: 'expression',
  TSClassImplements: 'expression',
  ClassDeclaration: 'superClass',
};

function referenceOf(node: Node): Node | undefined {
  const child = node[REFERENCES[node.type] ?? ''] as Node | null | undefined;
  // `typeof import('...')` is an import, and is seen as that.
  return child === null || child?.type === 'TSImportType' ? undefined : child;
}

/** `a` of `a.b.c`. */
function leftmost(node: Node): string {
  const left = (node['left'] ?? node['object']) as Node | undefined;
  return left === undefined ? nameOf(node) : leftmost(left);
}

function privateMembersOf(statement: Node): readonly Node[] {
  return within(statement).filter(
    ({ accessibility, key }) => accessibility === 'private' || (key as Node | undefined)?.type === 'PrivateIdentifier',
  );
}

function within(node: Node): readonly Node[] {
  const children = Object.values(node).flat().filter(isNode);
  return [node, ...children.flatMap(within)];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

function nameOf(node: Node): string {
  return String(node['name'] ?? node['value']);
}

function refuse(path: string, { type, start }: Node): never {
  throw new Error(`${path}: ${type} at ${start} is no declaration that this script knows`);
}
