// typescript/commonjs.ts: how an ES module, or import(), gets a CommonJS one that was compiled.
//
// Node 20 and 22 run CommonJS whose source came from a hook with a `require` of their own, without `require.cache` and past whatever
// has patched Module (nodejs/node#59666). There the module loads itself again, by the ordinary loader, before it does anything:
//
//     "use strict";if (require.cache === undefined) return module.load(__filename);
//
// From 24 on Node does so itself, and this line is never met. The rest is needed anyway: Node reads the names of its exports from
// the text (cjs-module-lexer). What `export *` brings it reads of JavaScript only, and where each stands alone, so that is added.

import { isTypeScript } from './extension.ts';
import type { Module, Project } from './project.ts';

const AGAIN = 'if (require.cache === undefined) return module.load(__filename);';

export function forImport(project: Project, path: string, { code }: Module): string {
  const passedOn = starsOf(code).length === 0 ? '' : annotation(namesOf(project, path, code));
  return `${code.replace(/^(?:"use strict";)?/, (directive) => `${directive}${AGAIN}`)}${passedOn}`;
}

interface Names {
  /** As string literals. */
  readonly own: Set<string>;
  /** JavaScript whose names are passed on; Node finds them. */
  readonly from: Set<string>;
}

function annotation({ own, from }: Names): string {
  const names = `0 && (module.exports = { ${Array.from(own, (name) => `${name}: null`).join(', ')} });`;
  return [names, ...Array.from(from, (path) => `0 && __export(require(${JSON.stringify(path)}));`)].join('');
}

// As swc writes them, each line at its beginning.
const STARS = /^0 && __export\(require\(.*$/m;
const STAR = /\b__export\(require\("([^"\n]+)"\)\)/g;
const SEVERAL = /^0 && \(module\.exports = \{\n([^}]*)\}\);$/m;
const SINGLE = /^Object\.defineProperty\(exports, "([^"\n]+)", \{$/gm;

function starsOf(code: string): readonly string[] {
  return Array.from((STARS.exec(code)?.[0] ?? '').matchAll(STAR), ([, specifier]) => specifier!);
}

/** What a module exports, also what it passes on from others. */
function namesOf(
  project: Project,
  path: string,
  code: string,
  found: Names = { own: new Set(), from: new Set() },
  seen = new Set<string>(),
): Names {
  seen.add(path);
  const several = SEVERAL.exec(code)?.[1] ?? '';
  for (const [, name] of several.matchAll(/^\s*"?(.+?)"?: null,?$/gm)) found.own.add(JSON.stringify(name));
  for (const [, name] of code.matchAll(SINGLE)) if (name !== '__esModule') found.own.add(JSON.stringify(name));
  for (const specifier of starsOf(code)) {
    const target = project.resolve(specifier, path) ?? specifier;
    if (!isTypeScript(target)) found.from.add(target);
    else if (!seen.has(target)) namesOf(project, target, project.module(target).code, found, seen);
  }
  return found;
}
