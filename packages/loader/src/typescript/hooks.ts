// typescript/hooks.ts: what Node is told when it resolves and loads a module, in whichever way it asks (install.ts).

import { fileURLToPath, pathToFileURL } from 'node:url';
import { Fault, FaultList, formatPlace } from '@appserve/core';
import { forImport } from './commonjs.ts';
import { isInstalled, isTypeScript } from './extension.ts';
import { insteadOf, Project, type Module } from './project.ts';

/** Of this thread: its modules are loaded once, and what was read of the project's settings stays as it was. */
let project: Project | undefined;

function ownProject(): Project {
  return (project ??= new Project());
}

/** Who asks: a file that is none of an installed package. */
export function askerOf(parent: string | undefined): string | undefined {
  if (parent === undefined || isInstalled(parent)) return undefined;
  return parent.startsWith('file:') ? fileURLToPath(parent) : undefined;
}

/** The file that TypeScript means. */
export function meant(specifier: string, asker: string | undefined): string | undefined {
  return asker !== undefined && isTypeScript(asker) ? ownProject().resolve(specifier, asker) : undefined;
}

/** The TypeScript file that is meant though Node has not found it; else the error goes on. */
export function meantInstead(specifier: string, asker: string | undefined, error: unknown): string {
  const found = asker === undefined ? undefined : insteadOf(specifier, asker, error);
  if (found === undefined) throw error;
  return found;
}

/** As an import names a file. */
export function addressOf(path: string, specifier: string): string {
  return `${pathToFileURL(path).href}${/(?<=.)[?#].*$/s.exec(specifier)?.[0] ?? ''}`;
}

export interface Resolved {
  readonly url: string;
  readonly shortCircuit: true;
}

/** Nothing to be found out about a file of ours; what else is meant, Node resolves further. */
export function resolved(path: string, specifier: string): Resolved {
  return { url: addressOf(path, specifier), shortCircuit: true };
}

export interface Loaded {
  readonly format: Module['type'];
  readonly source: string;
  readonly shortCircuit: true;
}

/** A module of ours, for import; nothing for one that Node loads itself. */
export function loaded(url: string): Loaded | undefined {
  if (!url.startsWith('file:') || !isTypeScript(url)) return undefined;
  const path = fileURLToPath(url.replace(/[?#].*$/s, ''));
  const module = moduleAt(path);
  const source = module.type === 'commonjs' ? forImport(ownProject(), path, module) : module.code;
  return { format: module.type, source, shortCircuit: true };
}

/** Whoever catches it knows no places: its stack begins with them, as that of Node's own SyntaxErrors. */
export function moduleAt(path: string): Module {
  try {
    return ownProject().module(path);
  } catch (error) {
    const fault = error instanceof FaultList ? error.faults[0]! : error;
    if (fault instanceof Fault && fault.at !== undefined) fault.stack = `${formatPlace(fault.at)}\n${fault.stack}`;
    throw fault;
  }
}
