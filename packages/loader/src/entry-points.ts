// entry-points.ts: what a package offers, and where: the `appserve` field of its package.json, or else its exports.
//
//   "appserve": { "app_factory": { "main": "./dist/app.js#makeApp" } }
//
// Law: nothing is imported here; but what a name leads to is there, or the name is refused where it stands.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve as resolvePath } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Fault, nearest, type FaultContext } from '@appserve/core';
import { resolve as resolveImport } from 'import-meta-resolve';
import { KINDS, type Group } from './kinds.ts';
import type { Context } from './plan.ts';

/** Where a factory is: known without importing anything. */
export interface FactoryRef {
  /** The URL of its module. */
  readonly module: string;
  readonly export: string;
  readonly group: Group;
}

/**
 * Finds the factory of a context, from the folder of the ini file, then from the installation of appserve.
 *
 * Faults: MODULE_MISSING, PACKAGE_MISSING, PACKAGE_BROKEN, ENTRY_POINT_MISSING, ENTRY_POINT_INVALID.
 */
export function resolveFactory(context: Context, folder: string): FactoryRef {
  const { target, kind, useAt, askedBy } = context;
  const { groups } = KINDS[kind];
  const fault: FaultContext = { at: useAt, askedBy };
  if (target.type === 'file')
    return { module: moduleUrl(resolvePath(folder, target.path), fault), export: target.name, group: groups[0] };
  const found = findPackage(target.package, folder, fault);
  const offered = found.manifest.appserve;
  if (offered === undefined) return { module: exportsOf(target.package, found, fault), export: target.name, group: groups[0] };
  return entryPoint(target, groups, found, offered, fault);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Faults: MODULE_MISSING, with the file in the same folder that may be meant. */
function moduleUrl(path: string, fault: FaultContext): string {
  if (isFile(path)) return pathToFileURL(path).href;
  const folder = dirname(path);
  const beside = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : [];
  const isWithoutEnding = (file: string): boolean =>
    /^\.[cm]?[jt]s$/.test(file.slice(basename(path).length)) && file.startsWith(basename(path));
  throw new Fault(
    'MODULE_MISSING',
    { module: path, nearest: beside.find(isWithoutEnding) ?? nearest(basename(path), beside) },
    fault,
  );
}

type Offered = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

interface FoundPackage {
  readonly path: string;
  readonly manifest: { readonly name?: string; readonly appserve?: Offered };
  /** The folder whose import of the package finds this one. */
  readonly from: string;
}

const OWN_FOLDER = dirname(fileURLToPath(import.meta.url));

function findPackage(name: string, folder: string, fault: FaultContext): FoundPackage {
  const found = lookUp(name, folder, fault) ?? lookUp(name, OWN_FOLDER, fault);
  if (found === undefined) throw new Fault('PACKAGE_MISSING', { name, from: folder, isFile: isFile(join(folder, name)) }, fault);
  return found;
}

/** As Node looks up: node_modules of the folder and of all above it; and the package that the folder itself belongs to. */
function lookUp(name: string, folder: string, fault: FaultContext): FoundPackage | undefined {
  let isOwnPossible = true;
  for (let at = folder; ; at = dirname(at)) {
    const own = join(at, 'package.json');
    if (isOwnPossible && isFile(own)) {
      isOwnPossible = false;
      const manifest = readManifest(own, fault);
      if (manifest.name === name) return { path: at, manifest, from: folder };
    }
    const installed = join(at, 'node_modules', name, 'package.json');
    if (isFile(installed)) return { path: dirname(installed), manifest: readManifest(installed, fault), from: folder };
    if (at === dirname(at)) return undefined;
  }
}

function readManifest(path: string, fault: FaultContext): FoundPackage['manifest'] {
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Fault('PACKAGE_BROKEN', { path, why: (cause as Error).message }, { ...fault, cause });
  }
  if (!isObject(manifest)) throw new Fault('PACKAGE_BROKEN', { path, why: 'it is no object' }, fault);
  const { appserve: offered, ...rest } = manifest;
  if (offered === undefined) return rest;
  // `config` is for whoever serves the package (find.ts); one that says nothing else offers nothing.
  const { config, ...groups } = isObject(offered) ? offered : { groups: offered };
  if (!Object.values(groups).every(isObject))
    throw new Fault('PACKAGE_BROKEN', { path, why: '"appserve" is not an object of groups' }, fault);
  return config !== undefined && Object.keys(groups).length === 0 ? rest : { ...rest, appserve: groups as Offered };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entryPoint(
  { package: name, name: wanted }: { readonly package: string; readonly name: string },
  groups: readonly Group[],
  found: FoundPackage,
  offered: Offered,
  fault: FaultContext,
): FactoryRef {
  for (const group of groups) {
    const names = offered[group];
    if (names !== undefined && Object.hasOwn(names, wanted)) return parseReference(names[wanted], group, found, fault);
  }
  const has = groups.flatMap((group) => Object.keys(offered[group] ?? {}));
  const otherGroup = Object.keys(offered).find((group) => Object.hasOwn(offered[group] ?? {}, wanted));
  throw new Fault(
    'ENTRY_POINT_MISSING',
    { name: wanted, package: name, groups, has, nearest: nearest(wanted, has), otherGroup },
    fault,
  );
}

const REFERENCE = /^(\.\/[^#]+)#([^#]+)$/;

function parseReference(written: unknown, group: Group, { path }: FoundPackage, fault: FaultContext): FactoryRef {
  const [, module, name] = (typeof written === 'string' && REFERENCE.exec(written)) || [];
  const file = join(path, module ?? '');
  // A package answers for what is in it.
  if (module === undefined || name === undefined || relative(path, file).startsWith('..')) {
    throw new Fault('ENTRY_POINT_INVALID', { value: JSON.stringify(written), path: join(path, 'package.json') }, fault);
  }
  return { module: moduleUrl(file, fault), export: name, group };
}

/** The main module of a package that offers no entry points: what `import 'pkg'` would give in that folder. */
function exportsOf(name: string, { path, from }: FoundPackage, fault: FaultContext): string {
  const broken = (why: string, cause?: unknown): Fault =>
    new Fault('PACKAGE_BROKEN', { path: join(path, 'package.json'), why }, { ...fault, cause });
  let url: string;
  try {
    url = resolveImport(name, pathToFileURL(join(from, 'package.json')).href);
  } catch (cause) {
    // Its own message names this file as the importer, which is nobody's business.
    throw broken('it has neither an "appserve" field nor a main module that can be imported', cause);
  }
  if (!url.startsWith('file:')) throw broken(`Node has a module named ${name} itself; an "appserve" field would tell them apart`);
  return moduleUrl(fileURLToPath(url), fault);
}
