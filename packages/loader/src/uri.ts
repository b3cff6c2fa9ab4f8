// uri.ts: what people write to name a configuration or a factory, taken apart. Pure: nothing is looked up here.
//
// Source: PasteDeploy's config:, egg: and call:; plaster's `path?name=value#fragment` for what a command or an API is given.

import { Fault, type FaultContext } from '@appserve/core';

/** An entry point, or else an export, of an installed package. */
interface PackageTarget {
  readonly type: 'package';
  readonly package: string;
  readonly name: string;
  /** The name was written in Python's way, as `egg:`: it may be that of a Python package. */
  readonly isEgg: boolean;
}

/** An export of a file, relative to the folder of the ini. */
interface FileTarget {
  readonly type: 'file';
  readonly path: string;
  readonly name: string;
}

/** An export of a module, as `import` would find it. */
interface ModuleTarget {
  readonly type: 'module';
  readonly specifier: string;
  readonly name: string;
}

export type FactoryTarget = PackageTarget | FileTarget | ModuleTarget;

interface SectionTarget {
  readonly type: 'section';
  readonly name: string;
}

/** A section of another file, relative to the folder of the one that says so. */
interface ConfigTarget {
  readonly type: 'config';
  readonly path: string;
  readonly name: string;
}

/** What a name stands for, wherever a name can stand: `use`, `next`, `filter-with`, `pipeline`, a value of a composite. */
export type Target = SectionTarget | ConfigTarget | FactoryTarget;

const DEFAULT_NAME = 'main';
const KNOWN_SCHEME = /^(?:config|egg|pkg|call):/i;
/** Letters only, as in PasteDeploy: `foo2:bar` is the name of a section. */
const SCHEME = /^([a-z]+):(.*)$/is;
const PACKAGE = /^(?:@[a-z0-9~][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*$/i;
/** A path that says of itself that it is one; and a bare `/shop` may be the name of a section. */
const FILE = /^\.{1,2}\/|^\/.*\.[cm]?[jt]sx?$/s;

/** Whether a name is an address, also where a section is called so (PasteDeploy). */
export function hasScheme(written: string): boolean {
  return KNOWN_SCHEME.test(written);
}

/** Faults: USE_INVALID, with what `contextOf` says of the place. */
export function parseTarget(written: string, contextOf: () => FaultContext): Target {
  const refuse = refuser(written, contextOf);
  if (written === '') refuse('it is empty');
  if (/^(["']).*\1$/s.test(written)) refuse('an ini has no quotes around a value');
  if (/\s(?:;|#\s)/.test(written)) refuse('there are no comments behind a value: put it in a line of its own');
  const [, scheme, rest = ''] = SCHEME.exec(written) ?? [];
  if (scheme !== undefined) return parseScheme(scheme.toLowerCase(), rest, refuse);
  const [path, name] = atHash(written, refuse);
  if (FILE.test(path) || (path.startsWith('/') && name !== undefined)) return { type: 'file', path, name: name ?? DEFAULT_NAME };
  if (name !== undefined) return packageTarget(path, name, false, refuse);
  if (/^@[^/]*\//.test(written)) refuse(`a package needs the name of what is used: ${written}#${DEFAULT_NAME}`);
  return { type: 'section', name: written };
}

type Refuse = (why: string) => never;

/** Nothing that has a name goes on in the next line: what is indented there by mistake is part of the value. */
function refuser(written: string, contextOf: () => FaultContext): Refuse {
  const [use = '', ...rest] = written.split('\n');
  const refuse = (why: string): never => {
    throw new Fault('USE_INVALID', { use, why }, contextOf());
  };
  if (use === '' && rest.length > 0) refuse('the name must stand in the line of its key');
  if (rest.length > 0) refuse(`the line below it is indented, which makes it a part of this value: ${rest.join(' ')}`);
  return refuse;
}

function parseScheme(scheme: string, rest: string, refuse: Refuse): Target {
  switch (scheme) {
    case 'config': {
      const [path, name = DEFAULT_NAME] = atHash(rest, refuse);
      if (path === '') refuse('it names no file');
      return { type: 'config', path: filePath(path, refuse), name };
    }
    case 'egg':
    case 'pkg': {
      const [name, entry = DEFAULT_NAME] = atHash(rest, refuse);
      return packageTarget(name, entry, scheme === 'egg', refuse);
    }
    case 'call':
      return parseCall(rest, refuse);
    default:
      return refuse(`the scheme ${scheme}: is not known; there are config:, egg:, pkg: and call:${pythonHint(scheme, rest)}`);
  }
}

/** Python's entry points are `package:name`. */
function pythonHint(scheme: string, rest: string): string {
  if (/^(?:file|https?)$/.test(scheme) || !/^[\w$]+(?:\.[\w$]+)*$/.test(rest)) return '';
  return `; an export of a package is written ${scheme}#${rest}`;
}

function atHash(text: string, refuse: Refuse): [string, string | undefined] {
  const hash = text.indexOf('#');
  if (hash === -1) return [text, undefined];
  if (hash === text.length - 1) refuse('there is no name behind the #');
  return [text.slice(0, hash), text.slice(hash + 1)];
}

function packageTarget(name: string, entry: string, isEgg: boolean, refuse: Refuse): FactoryTarget {
  if (!PACKAGE.test(name)) refuse(`${JSON.stringify(name)} is no name of a package`);
  return { type: 'package', package: name, name: entry, isEgg };
}

/** As PasteDeploy: percent-decoded, backslashes are slashes, three leading slashes are one. */
function filePath(path: string, refuse: Refuse): string {
  try {
    return decodeURIComponent(path)
      .replaceAll('\\', '/')
      .replace(/^\/\/\//, '/');
  } catch {
    return refuse('a % is not followed by two hexadecimal digits');
  }
}

/** `./app.js:make`, `shop/admin:make`, and with # too. The name may have dots: `./app.js:Shop.make`. */
function parseCall(text: string, refuse: Refuse): FactoryTarget {
  const [, path, name] = /^(.+)[:#]([^:#/]+)$/s.exec(text) ?? [];
  if (path === undefined || name === undefined)
    return refuse('a module, a colon and the name of an export are needed: ./app.js:make');
  if (/^\.{0,2}\//.test(path)) return { type: 'file', path, name };
  return { type: 'module', specifier: path, name };
}

/** The value of `paste.app_factory` and its like. Faults: USE_INVALID. */
export function parseReference(written: string, contextOf: () => FaultContext): FactoryTarget {
  return parseCall(written, refuser(written, contextOf));
}

/** More than one letter: `c:` may be a drive. */
const ADDRESS = /^([a-z]{2,}):(.*)$/is;

/** What a command or an API is given. */
export interface ConfigUri {
  readonly path: string;
  /** The fragment; nothing when there is none. */
  readonly name: string | undefined;
  /** `?name=value`: defaults for what the file does not say. */
  readonly options: Readonly<Record<string, string>>;
}

/** `development.ini`, `config:production.ini#admin`, `development.ini?http_port=8081#main`. Faults: URI_INVALID. */
export function parseUri(uri: string): ConfigUri {
  const refuse = (why: string): never => {
    throw new Fault('URI_INVALID', { uri, why });
  };
  const [, scheme, rest] = ADDRESS.exec(uri) ?? [];
  if (scheme !== undefined && scheme.toLowerCase() !== 'config') refuse(`the scheme ${scheme}: is not known`);
  const [address, name] = atHash(rest ?? uri, refuse);
  const query = address.indexOf('?');
  const written = query === -1 ? address : address.slice(0, query);
  if (written === '') refuse('it names no file');
  const path = scheme === undefined ? written : filePath(written, refuse);
  const options = query === -1 ? {} : Object.fromEntries(new URLSearchParams(address.slice(query + 1)));
  return { path, name, options };
}
