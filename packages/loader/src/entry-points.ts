// entry-points.ts: what a package offers, and where: the `appserve` field of its package.json, or else its exports.
//
//   "appserve": { "app_factory": { "main": "./dist/app.js#makeApp" } }
//
// Law: nothing is imported here; but what a name leads to is there, or the name is refused where it stands.

import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, relative, resolve as resolvePath } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Fault, nearest, tellRead, type ExportRef, type FaultContext } from '@appserve/core';
import { exports as resolveExports } from 'resolve.exports';
import { faultContext, type FactoryContext } from './context.ts';
import { isFile, isFolder, namesIn } from './files.ts';
import { isObject } from './json-object.ts';
import { ROLES, type Group, type Role } from './kinds.ts';
import { legacyName, legacyNames } from './legacy.ts';
import { jsonMistakeIn } from './structured/json-place.ts';
import type { FactoryTarget } from './uri.ts';

/** Where a factory is. */
export interface FactoryRef extends ExportRef {
  readonly group: Group;
  /** The schema of its settings, where its package says so apart: the main thread settles them, no worker needs the schema. */
  readonly options?: ExportRef;
}

/**
 * Finds the factory of a context, from the folder of the file that names it, then from the installation of appserve.
 *
 * Faults: MODULE_MISSING, PACKAGE_MISSING, PACKAGE_BROKEN, ENTRY_POINT_MISSING, ENTRY_POINT_AMBIGUOUS, ENTRY_POINT_INVALID.
 */
export function resolveFactory(context: FactoryContext, folder: string): FactoryRef {
  const { target, role } = context;
  const fault = faultContext(context);
  const group = context.group ?? context.inferred;
  switch (target.type) {
    case 'file':
      return { module: fileUrl(target.path, folder, fault), export: target.name, group };
    case 'module':
      return { module: importUrl(target.specifier, target.name, folder, fault), export: target.name, group };
    case 'package': {
      const { package: name, name: entry } = legacyName(target, role, (known) => lookUp(known, folder, fault) !== undefined);
      const found = findPackage(name, { ...target, role }, folder, fault);
      const offered = found.manifest.appserve;
      if (offered === undefined) return { module: exportsOf(name, found, fault), export: entry, group };
      return entryPoint({ package: name, name: entry }, role, found, offered, fault);
    }
  }
}

/** Finds what is no factory, such as a class: a package has it in the group, or else as an export. Faults: as above. */
export function resolveExport(target: FactoryTarget, group: string, folder: string, fault: FaultContext): ExportRef {
  if (target.type === 'file') return { module: fileUrl(target.path, folder, fault), export: target.name };
  if (target.type === 'module') return { module: importUrl(target.specifier, target.name, folder, fault), export: target.name };
  const found = findPackage(target.package, { ...target, option: group }, folder, fault);
  const offered = found.manifest.appserve?.[group];
  if (offered !== undefined && Object.hasOwn(offered, target.name)) return parseReference(offered[target.name], found, fault);
  return { module: exportsOf(target.package, found, fault), export: target.name };
}

/** The path of an installed package and its version. Faults: PACKAGE_BROKEN. */
export function installedVersion(name: string, folder: string, fault: FaultContext): string | undefined {
  const found = lookUp(name, folder, fault) ?? lookUp(name, OWN_FOLDER, fault);
  return found && (found.manifest.version ?? '0.0.0');
}

/** `./app.js:main` is how call: has it. Faults: MODULE_MISSING. */
function fileUrl(path: string, folder: string, fault: FaultContext): string {
  const file = resolvePath(folder, path);
  const [, module, name] = /^(.+\.[cm]?[jt]sx?):([^:/]+)$/s.exec(path) ?? [];
  if (module === undefined || isFile(file) || !isFile(resolvePath(folder, module))) return moduleUrl(file, fault);
  throw new Fault('MODULE_MISSING', { module: file, nearest: `${module}#${name}` }, fault);
}

/** Faults: MODULE_MISSING, with the file in the same folder that may be meant. */
function moduleUrl(path: string, fault: FaultContext): string {
  // Also where it is missing: it may come.
  tellRead(path);
  if (isFile(path)) return pathToFileURL(path).href;
  if (isFolder(path)) throw new Fault('MODULE_MISSING', { module: path, nearest: undefined, isFolder: true }, fault);
  const beside = namesIn(dirname(path));
  const isWithoutEnding = (file: string): boolean =>
    /^\.[cm]?[jt]s$/.test(file.slice(basename(path).length)) && file.startsWith(basename(path));
  throw new Fault(
    'MODULE_MISSING',
    { module: path, nearest: beside.find(isWithoutEnding) ?? nearest(basename(path), beside) },
    fault,
  );
}

type Offered = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly main?: unknown;
  readonly exports?: unknown;
  readonly appserve?: Offered;
}

interface FoundPackage {
  readonly path: string;
  readonly manifest: Manifest;
  /** The folder whose import of the package finds this one. */
  readonly from: string;
}

const OWN_FOLDER = dirname(fileURLToPath(import.meta.url));

/** Who names a package, and what of it is wanted. */
interface Asked {
  readonly name: string;
  readonly isEgg: boolean;
  /** Of a factory. */
  readonly role?: Role;
  /** That names it, where it is no factory. */
  readonly option?: string;
}

function findPackage(
  name: string,
  { name: entry, isEgg, role, option }: Asked,
  folder: string,
  fault: FaultContext,
): FoundPackage {
  const found = lookUp(name, folder, fault) ?? lookUp(name, OWN_FOLDER, fault);
  if (found !== undefined) return found;
  const known = role === undefined ? [] : legacyNames(name, role);
  const details = {
    name,
    entry,
    from: folder,
    isFile: isFile(join(folder, name)),
    isEgg,
    isServer: role === 'server',
    known,
    option,
  };
  throw new Fault('PACKAGE_MISSING', details, fault);
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
  tellRead(path);
  const manifest = jsonOf(path, fault);
  if (!isObject(manifest)) throw new Fault('PACKAGE_BROKEN', { path, why: 'it is no object' }, fault);
  const { appserve: offered, ...rest } = manifest;
  if (offered === undefined) return rest;
  // `config` is for whoever serves the package (find.ts); one that says nothing else offers nothing.
  if (!isObject(offered)) {
    const why = '"appserve" is no object of groups: write { "app_factory": { "main": "./app.js#main" } }';
    throw new Fault('PACKAGE_BROKEN', { path, why }, fault);
  }
  const { config, ...groups } = offered;
  const [group, wrong] = Object.entries(groups).find(([, one]) => !isObject(one)) ?? [];
  if (group !== undefined) {
    const form = JSON.stringify({ main: typeof wrong === 'string' ? wrong : './app.js#main' });
    throw new Fault('PACKAGE_BROKEN', { path, why: `"${group}" of "appserve" is no object of names: write ${form}` }, fault);
  }
  return config !== undefined && Object.keys(groups).length === 0 ? rest : { ...rest, appserve: groups as Offered };
}

function jsonOf(path: string, fault: FaultContext): unknown {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
    return JSON.parse(text);
  } catch (cause) {
    const mistake = text === '' ? undefined : jsonMistakeIn(text, path);
    const { line, column } = mistake?.at ?? {};
    const why = mistake?.why ?? (cause as Error).message;
    throw new Fault('PACKAGE_BROKEN', { path, why, line, column }, { ...fault, cause });
  }
}

function entryPoint(
  { package: name, name: wanted }: { readonly package: string; readonly name: string },
  role: Role,
  found: FoundPackage,
  offered: Offered,
  fault: FaultContext,
): FactoryRef {
  const lists: readonly (readonly Group[])[] = ROLES[role].groups;
  const offers = (group: string): boolean => Object.hasOwn(offered[group] ?? {}, wanted);
  const matches = lists.flatMap((groups) => groups.find(offers) ?? []);
  const [group, second] = matches;
  if (second !== undefined) throw new Fault('ENTRY_POINT_AMBIGUOUS', { name: wanted, package: name, groups: matches }, fault);
  if (group !== undefined) return parseEntry(offered[group]![wanted], group, found, fault);
  const groups = lists.flat().filter((known) => known !== 'composit_factory');
  const has = lists.flat().flatMap((known) => Object.keys(offered[known] ?? {}));
  throw new Fault(
    'ENTRY_POINT_MISSING',
    { name: wanted, package: name, groups, has, nearest: nearest(wanted, has), otherGroup: Object.keys(offered).find(offers) },
    fault,
  );
}

const ENTRY_KEYS = ['factory', 'options'];

/** `"./app.js#main"`, or `{ "factory": "./app.js#main", "options": "./options.js#options" }`. */
function parseEntry(written: unknown, group: Group, found: FoundPackage, fault: FaultContext): FactoryRef {
  if (!isObject(written)) return { ...parseReference(written, found, fault), group };
  const key = Object.keys(written).find((candidate) => !ENTRY_KEYS.includes(candidate));
  if (key !== undefined) {
    const details = { value: JSON.stringify(written), path: join(found.path, 'package.json'), key };
    throw new Fault('ENTRY_POINT_INVALID', { ...details, nearest: nearest(key, ENTRY_KEYS) }, fault);
  }
  const factory = { ...parseReference(written['factory'], found, fault), group };
  const options = written['options'];
  return options === undefined ? factory : { ...factory, options: parseReference(options, found, fault) };
}

const REFERENCE = /^(\.\/[^#]+)#([^#]+)$/;

function parseReference(written: unknown, { path }: FoundPackage, fault: FaultContext): ExportRef {
  const [, module, name] = (typeof written === 'string' && REFERENCE.exec(written)) || [];
  const file = join(path, module ?? '');
  // A package answers for what is in it.
  if (module === undefined || name === undefined || relative(path, file).startsWith('..')) {
    throw new Fault('ENTRY_POINT_INVALID', { value: JSON.stringify(written ?? null), path: join(path, 'package.json') }, fault);
  }
  return { module: moduleUrl(file, fault), export: name };
}

/** `call:shop/admin:make`: what `import 'shop/admin'` would give in that folder. */
function importUrl(specifier: string, entry: string, folder: string, fault: FaultContext): string {
  const [, name = specifier] = /^((?:@[^/]+\/)?[^/]+)/.exec(specifier) ?? [];
  const found = findPackage(name, { name: entry, isEgg: false }, folder, fault);
  const file = importedFile(found, `.${specifier.slice(name.length)}`);
  if (file === undefined) throw new Fault('MODULE_MISSING', { module: specifier, nearest: undefined }, fault);
  return moduleUrl(file, fault);
}

/** The main module of a package that offers no entry points: what `import 'pkg'` would give in that folder. */
function exportsOf(name: string, found: FoundPackage, fault: FaultContext): string {
  const broken = (why: string): Fault => new Fault('PACKAGE_BROKEN', { path: join(found.path, 'package.json'), why }, fault);
  if (isBuiltin(name)) throw broken(`Node has a module named ${name} itself; an "appserve" field would tell them apart`);
  const file = importedFile(found, '.');
  if (file === undefined) throw broken('it has neither an "appserve" field nor a main module that can be imported');
  return moduleUrl(file, fault);
}

/** Where Node's legacy main may be (its resolver for packages without `exports`). */
const MAIN_ENDINGS = ['', '.js', '.json', '.node', '/index.js', '/index.json', '/index.node'];

/** By the package's `exports`, else its `main`; nothing where an import would fail. */
function importedFile({ path, manifest }: FoundPackage, subpath: string): string | undefined {
  if (manifest.exports !== undefined && manifest.exports !== null) {
    try {
      const [target] = resolveExports(manifest, subpath) ?? [];
      return target === undefined ? undefined : join(path, target);
    } catch {
      // It throws for what is not exported.
      return undefined;
    }
  }
  if (subpath !== '.') return join(path, subpath);
  const main = typeof manifest.main === 'string' ? manifest.main : 'index';
  const candidates = [...MAIN_ENDINGS.map((ending) => main + ending), 'index.js'].map((name) => join(path, name));
  return candidates.find(isFile);
}
