// typescript/prepare.ts: the TypeScript of an app is compiled before it runs: once in the main thread, not in every worker.
//
// Law: nothing of the app is run, and all mistakes are told in one go. What only its running shows (a computed import, a package,
// TypeScript behind JavaScript) is compiled when it is imported.

import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Fault, FaultList, throwFaults, type FaultContext } from '@appserve/core';
import { prune } from './cache-folder.ts';
import { isTypeScript } from './extension.ts';
import { Project } from './project.ts';

/** Faults: TYPESCRIPT_SYNTAX, all of them; TSCONFIG_INVALID, TYPESCRIPT_UNAVAILABLE. */
export function prepareGraph(url: string, context: FaultContext): void {
  const faults: Fault[] = [];
  const located = (fault: Fault): Fault => locatedIn(fault, context);
  try {
    const project = new Project();
    walk(project, realpathSync(fileURLToPath(url)), faults);
    const { folder, written } = project.cache;
    if (folder !== undefined && written > 0) prune(folder);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw located(error);
  }
  throwFaults(faults.map(located));
}

/** A fault without a place of its own is shown where the module is asked for. */
function locatedIn({ code, details, at, cause }: Fault, context: FaultContext): Fault {
  return new Fault(code, details, { ...context, at: at ?? context.at, cause });
}

function walk(project: Project, entry: string, faults: Fault[]): void {
  const seen = new Set([entry]);
  // A set is walked in the order in which it grows, so this goes on to what is added meanwhile.
  for (const path of seen) {
    for (const specifier of specifiersOf(project, path, faults)) {
      const target = project.resolve(specifier, path);
      if (target !== undefined && isTypeScript(target)) seen.add(target);
    }
  }
}

/** Of a file that cannot be parsed: what looks like an import, so that mistakes behind it are told with its own. */
const LOOKS_IMPORTED = /^\s*(?:import|export)\b(?!\s+type\b)[^'"`;]*['"]([^'"\n]+)['"]/gm;

function specifiersOf(project: Project, path: string, faults: Fault[]): readonly string[] {
  try {
    return project.module(path).specifiers;
  } catch (error) {
    const found = error instanceof FaultList ? error.faults : error instanceof Fault ? [error] : [];
    if (found.length === 0 || found.some(({ code }) => code !== 'TYPESCRIPT_SYNTAX')) throw error;
    faults.push(...found);
    return Array.from(readFileSync(path, 'utf8').matchAll(LOOKS_IMPORTED), ([, specifier]) => specifier!);
  }
}
