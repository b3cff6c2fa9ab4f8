// entry-points.ts: what a package offers, and where: the `appserve` field of its package.json, or else its exports.
//
//   "appserve": { "app_factory": { "main": "./dist/app.js#makeApp" } }

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve as resolvePath } from 'node:path';
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
  const groups = KINDS[kind].groups;
  const fault: FaultContext = { at: useAt, askedBy };
  if (target.type === 'file') {
    const path = resolvePath(folder, target.path);
    if (!existsSync(path)) throw new Fault('MODULE_MISSING', { module: path }, fault);
    return { module: pathToFileURL(path).href, export: target.name, group: groups[0] };
  }
  const found = findPackage(target.package, folder, fault);
  const offered = found.manifest.appserve;
  if (offered === undefined) return { module: exportsOf(target.package, found, fault), export: target.name, group: groups[0] };
  return entryPoint(target.package, target.name, groups, found, offered, fault);
}

type Offered = Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;

interface FoundPackage {
  readonly path: string;
  readonly manifest: { readonly name?: string; readonly appserve?: Offered };
  /** The folder whose import of the package finds this one. */
  readonly from: string;
}

const OWN_FOLDER = dirname(fileURLToPath(import.meta.url));

function findPackage(name: string, folder: string, fault: FaultContext): FoundPackage {
  const found = lookUp(name, folder, fault) ?? lookUp(name, OWN_FOLDER, fault);
  if (found === undefined) throw new Fault('PACKAGE_MISSING', { name, from: folder }, fault);
  return found;
}

/** As Node looks up: node_modules of the folder and of all above it; and the package that the folder itself belongs to. */
function lookUp(name: string, folder: string, fault: FaultContext): FoundPackage | undefined {
  let isOwnPossible = true;
  for (let at = folder; ; at = dirname(at)) {
    const own = join(at, 'package.json');
    if (isOwnPossible && existsSync(own)) {
      isOwnPossible = false;
      const manifest = readManifest(own, fault);
      if (manifest.name === name) return { path: at, manifest, from: folder };
    }
    const installed = join(at, 'node_modules', name, 'package.json');
    if (existsSync(installed)) return { path: dirname(installed), manifest: readManifest(installed, fault), from: folder };
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
  const offered = manifest['appserve'];
  if (offered !== undefined && !(isObject(offered) && Object.values(offered).every(isObject))) {
    throw new Fault('PACKAGE_BROKEN', { path, why: '"appserve" is not an object of groups' }, fault);
  }
  return manifest;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entryPoint(
  name: string,
  wanted: string,
  groups: readonly Group[],
  found: FoundPackage,
  offered: Offered,
  fault: FaultContext,
): FactoryRef {
  for (const group of groups) {
    const names = offered[group];
    if (names === undefined || !Object.hasOwn(names, wanted)) continue;
    return parseReference(String(names[wanted]), group, found, fault);
  }
  const has = groups.flatMap((group) => Object.keys(offered[group] ?? {}));
  throw new Fault('ENTRY_POINT_MISSING', { name: wanted, package: name, groups, has, nearest: nearest(wanted, has) }, fault);
}

const REFERENCE = /^(\.\/[^#]+)#([^#]+)$/;

function parseReference(value: string, group: Group, { path }: FoundPackage, fault: FaultContext): FactoryRef {
  const manifest = join(path, 'package.json');
  const [, module, name] = REFERENCE.exec(value) ?? [];
  if (module === undefined || name === undefined) throw new Fault('ENTRY_POINT_INVALID', { value, path: manifest }, fault);
  const file = join(path, module);
  if (!existsSync(file)) throw new Fault('MODULE_MISSING', { module: file }, fault);
  return { module: pathToFileURL(file).href, export: name, group };
}

/** The main module of a package that offers no entry points: what `import 'pkg'` would give in that folder. */
function exportsOf(name: string, found: FoundPackage, fault: FaultContext): string {
  try {
    return resolveImport(name, pathToFileURL(join(found.from, 'package.json')).href);
  } catch (cause) {
    throw new Fault(
      'PACKAGE_BROKEN',
      { path: join(found.path, 'package.json'), why: (cause as Error).message },
      { ...fault, cause },
    );
  }
}
