// typescript/compiler.ts: one file from TypeScript to JavaScript. The one room that knows swc.
//
// Law: swc is loaded when something is compiled, not before: it takes 45 ms and 40 MB of a process.

import { createRequire } from 'node:module';
import type * as swcCore from '@swc/core';
import { Fault, throwFaults } from '@appserve/core';
import { inSource, syntaxFaults } from './syntax-fault.ts';

/** Its types have forgotten one. */
export type SwcOptions = swcCore.Options & { readonly emitSourceMapColumns?: boolean };
type Swc = Pick<typeof swcCore, 'parseSync' | 'transformSync'>;

/** As package.json has it: to be known without a look at what is installed. */
export const COMPILER_VERSION = '1.16.22';

let swc: Swc | undefined;

/** Faults: TYPESCRIPT_UNAVAILABLE. */
function loadSwc(): Swc {
  try {
    return createRequire(import.meta.url)('@swc/core') as Swc;
  } catch (cause) {
    throw new Fault('TYPESCRIPT_UNAVAILABLE', { why: (cause as Error).message.split('\n')[0]! }, { cause });
  }
}

export interface Compiled {
  /** With its source map in it. */
  readonly code: string;
  /** What it imports and requires where that is written as a text. */
  readonly specifiers: readonly string[];
}

/** Faults: TYPESCRIPT_SYNTAX, TYPESCRIPT_UNAVAILABLE. */
export function compile(path: string, source: string, options: SwcOptions): Compiled {
  swc ??= loadSwc();
  const { code, map = '' } = transform(swc, path, source, options);
  // Of what is left of it: an import that was only a type is none.
  const program = parse(swc, path, source, code, map);
  const specifiers = new Set<string>();
  collectSpecifiers(program, specifiers);
  const inline = `//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}\n`;
  return { code: `${code}${inline}`, specifiers: [...specifiers] };
}

function transform({ transformSync }: Swc, path: string, source: string, options: SwcOptions): { code: string; map?: string } {
  try {
    return transformSync(source, options);
  } catch (cause) {
    throwFaults(syntaxFaults((cause as Error).message, path, source));
    throw cause;
  }
}

/** swc lets through what is a mistake only in what it makes: a decorator of a parameter, `delete name` in a module. */
function parse({ parseSync }: Swc, path: string, source: string, code: string, map: string): unknown {
  try {
    return parseSync(code, { syntax: 'ecmascript', target: 'es2022' });
  } catch (cause) {
    throwFaults(syntaxFaults((cause as Error).message, path, code).map((fault) => inSource(fault, source, map)));
    throw cause;
  }
}

/** What is looked at of a node of swc's tree. */
interface Node {
  readonly type?: string;
  readonly source?: Node | null;
  readonly callee?: Node;
  readonly arguments?: readonly { readonly expression: Node }[];
  readonly value?: unknown;
}

/** swc writes `import x = require('y')` in an ES module as a call of __require. */
const REQUIRE: ReadonlySet<unknown> = new Set(['require', '__require']);

function collectSpecifiers(node: unknown, found: Set<string>): void {
  if (typeof node !== 'object' || node === null) return;
  const { type, source, callee, arguments: given } = node as Node;
  if (source?.type === 'StringLiteral') found.add(source.value as string);
  const first = given?.[0]?.expression;
  const isImport = callee?.type === 'Import' || (callee?.type === 'Identifier' && REQUIRE.has(callee.value));
  if (type === 'CallExpression' && isImport && first?.type === 'StringLiteral') found.add(first.value as string);
  for (const child of Object.values(node)) collectSpecifiers(child, found);
}
