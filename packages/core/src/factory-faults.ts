// factory-faults.ts: what is wrong with what a configuration names: packages, modules, factories and their options; exit code 2.

import { aOrAn, config, didYouMean } from './fault-row.ts';
import { addressOfFile } from './ini-faults.ts';
import { nearest, orList, someOf } from './nearest.ts';

/** A dotted name with the part of it that is not there put right. */
function withNearest(name: string, right: string, has: readonly string[]): string {
  const parts = name.split('.');
  const wrong = parts.findIndex((part) => !has.includes(part) && nearest(part, has) === right);
  return parts.map((part, index) => (index === wrong ? right : part)).join('.');
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** As people wrote it: in a file, as a flag, or as a variable of the environment. */
function assigned(key: string, value: string): string {
  if (/^(?:--set .*|APPSERVE_[A-Z_]+)$/s.test(key)) return `${key}=${value}`;
  return /^--?[a-z]/.test(key) ? `${key} ${value}` : `${key} = ${value}`;
}

function noComments(value: unknown): string | undefined {
  return /(?:^|\s)(?:;|#(?:\s|$))/.test(String(value))
    ? 'there are no comments behind a value: put it in a line of its own'
    : undefined;
}

/** What an export must be, by the group of entry points that it stands in. */
const FACTORY_HINTS: Readonly<Record<string, string>> = {
  app_factory: 'export a function (globalConf, settings) that returns the app',
  composite_factory: 'export a function (loader, globalConf, settings) that returns the app',
  composit_factory: 'export a function (loader, globalConf, settings) that returns the app',
  filter_factory: 'export a function (globalConf, settings) that returns a function (app) => app',
  filter_app_factory: 'export a function (app, globalConf, settings) that returns an app',
  server_factory: 'export a function (globalConf, settings) that returns what serves an app',
  server_runner: 'export a function (appSource, globalConf, settings) that serves the app',
};

/** Groups of classes, called as the options that name them. */
const CLASS_GROUPS = ['handler_class', 'environ_class'];

export const FACTORY_FAULTS = {
  PACKAGE_MISSING: config(
    'The package is found neither from the folder of the ini file nor beside appserve.',
    (d: {
      name: string;
      entry: string;
      from: string;
      isFile: boolean;
      isEgg: boolean;
      isServer: boolean;
      /** Entry points of that package of Python's which have something here. */
      known: readonly string[];
      /** What names it, where that is not `use`. */
      option?: string | undefined;
    }) => `there is no package ${d.name} (looked up from ${d.from})`,
    (d) => {
      if (d.isFile) return `there is a file of that name: ${d.option ?? 'use'} = ${addressOfFile(d.name, d.entry)}`;
      // Python has no names with a scope.
      if (!d.isEgg || d.name.startsWith('@')) return `install it there: npm install ${d.name}`;
      const guess = nearest(d.entry, d.known);
      if (guess !== undefined) return didYouMean(`egg:${d.name}#${guess}`);
      if (d.known.length > 0) return `of ${d.name} there is ${someOf(d.known)}: see docs/reference/parts.md`;
      const install = `if not: npm install ${d.name}`;
      return d.isServer
        ? `a server of Python's has its place taken by @appserve/server#main, whose options have other names; ${install}`
        : `if ${d.name} is a Python package, name the npm package that takes its place; ${install}`;
    },
  ),
  REQUIREMENT_INVALID: config(
    'A word of `require` is not the name of a package, or not followed by a range of versions.',
    (d: { requirement: string }) => `${d.requirement} is no requirement`,
    () => 'write names of packages, each with a range of versions if need be: require = shop blog@^2.1',
  ),
  REQUIREMENT_MISSING: config(
    'A package that `require` names is not installed.',
    (d: { name: string; from: string }) => `the required package ${d.name} is not installed (looked up from ${d.from})`,
    (d) => `install it there: npm install ${d.name}`,
  ),
  REQUIREMENT_UNMET: config(
    'A package that `require` names is installed, but in another version.',
    (d: { name: string; range: string; version: string }) => `${d.name} ${d.range} is required, but ${d.version} is installed`,
    (d) => `npm install "${d.name}@${d.range}"`,
  ),
  PACKAGE_BROKEN: config(
    'The package.json of a package cannot be used.',
    (d: { path: string; why: string; line?: number | undefined; column?: number | undefined }) =>
      `${d.path}${d.line === undefined ? '' : `:${d.line}:${d.column}`}: ${d.why}`,
    () => 'this is for the author of the package to mend; see the entry points of another one for the form',
  ),
  ENTRY_POINT_MISSING: config(
    'The package offers entry points, but not this one.',
    (d: {
      name: string;
      package: string;
      groups: readonly string[];
      has: readonly string[];
      nearest: string | undefined;
      otherGroup: string | undefined;
    }) => `${d.package} has no ${orList(d.groups)} named ${d.name}`,
    (d) => {
      if (CLASS_GROUPS.some((group) => group === d.otherGroup))
        return `${d.package}#${d.name} is for the option ${d.otherGroup} of a server`;
      if (d.otherGroup !== undefined && !Object.hasOwn(FACTORY_HINTS, d.otherGroup))
        return `its package.json offers it as ${d.otherGroup}: ${didYouMean(nearest(d.otherGroup, Object.keys(FACTORY_HINTS))) ?? 'that is no group'}`;
      if (d.otherGroup !== undefined)
        return `${d.package}#${d.name} is ${aOrAn(d.otherGroup)}: it belongs into another kind of section`;
      const guess = didYouMean(d.nearest && `${d.package}#${d.nearest}`);
      return guess ?? (d.has.length === 0 ? `${d.package} offers none of this kind` : `it has ${someOf(d.has)}`);
    },
  ),
  ENTRY_POINT_AMBIGUOUS: config(
    'A package offers one name as an app and as a composite.',
    (d: { name: string; package: string; groups: readonly string[] }) => `${d.package}#${d.name} is ${d.groups.join(' and ')}`,
    () => 'this is for the author of the package to mend: two names are needed',
  ),
  ENTRY_POINT_INVALID: config(
    'An entry point in a package.json is not of the form `./module.js#export`, or leaves its package.',
    (d: { value: string; path: string; key?: string | undefined; nearest?: string | undefined }) =>
      d.key === undefined
        ? `${d.path}: the entry point ${d.value} is not of the form "./module.js#export"`
        : `${d.path}: the entry point ${d.value} has an unknown key ${d.key}`,
    (d) => {
      if (d.key === undefined) return 'write a path inside the package, a # and the name of an export';
      return didYouMean(d.nearest) ?? 'there are factory and options';
    },
  ),
  MODULE_MISSING: config(
    'The module that an entry point or `use` names does not exist.',
    (d: { module: string; nearest: string | undefined; isFolder?: boolean | undefined }) =>
      d.isFolder === true ? `${d.module} is a folder, not a module` : `there is no module ${d.module}`,
    (d) =>
      (d.isFolder === true ? 'name the file in it, such as index.js' : didYouMean(d.nearest)) ??
      'paths are relative to the folder of the ini file; from a package, to its own folder',
  ),
  MODULE_UNREADABLE: config(
    'A TypeScript file of the app exists, but cannot be read: a folder, no permission.',
    (d: { path: string; why: string }) => `cannot read ${d.path}: ${d.why}`,
  ),
  EXPORT_MISSING: config(
    'The module has no export of that name.',
    (d: { module: string; name: string; has: readonly string[]; nearest: string | undefined }) =>
      `${d.module} does not export ${d.name}`,
    (d) => {
      const guess = didYouMean(d.nearest === undefined ? undefined : withNearest(d.name, d.nearest, d.has));
      if (guess !== undefined) return guess;
      if (d.name === 'main' && d.has.includes('default')) return `it has a default export: write ./${lastOf(d.module)}#default`;
      return d.has.length === 0 ? 'it exports nothing' : `it exports ${someOf(d.has)}`;
    },
  ),
  NOT_A_FACTORY: config(
    'The export exists, but is no function.',
    (d: { module: string; name: string; found: string; group: string }) =>
      `${d.module}#${d.name} is ${aOrAn(d.found)}, not a function`,
    (d) => FACTORY_HINTS[d.group],
  ),
  CLASS_INVALID: config(
    'What `handler_class` or `environ_class` names is no class, or not one of its kind.',
    (d: { option: string; module: string; name: string; missing: string | undefined }) =>
      `${d.option}: ${d.module}#${d.name} is no class${d.missing === undefined ? '' : ` with a method ${d.missing}`}`,
    (d) => (d.option === 'handler_class' ? 'export a class that extends GatewayHandler of @appserve/core/app' : undefined),
  ),
  NOT_A_FILTER: config(
    'A filter factory returned something that cannot be called with an app.',
    (d: { module: string; name: string; found: string }) =>
      `${d.module}#${d.name} returned ${d.found} instead of a function that filters an app`,
    () => 'a filter_factory returns a function (app) => app; a filter_app_factory gets the app as its first argument',
  ),
  NOT_A_SERVER: config(
    'A server factory returned something that cannot be called with an app.',
    (d: { module: string; name: string; found: string }) =>
      `${d.module}#${d.name} returned ${d.found} instead of a function that serves an app`,
    () => 'a server_factory returns a function (appSource) => server; a server_runner is named by a package',
  ),
  NOT_A_HANDLE: config(
    'What a server factory returned was called with the app, or a server runner was, and gave no handle of a running server.',
    (d: { module: string; name: string; found: string; missing: readonly string[] }) =>
      `${d.module}#${d.name} returned ${d.found === 'an object' ? `an object without ${orList(d.missing)}` : d.found} instead of a handle`,
    () => 'a server returns { url, ready, closed, close() }; an app belongs into [app:NAME]',
  ),
  OPTIONS_INVALID: config(
    'The `options` of a factory are neither a Standard Schema nor a table of options.',
    (d: { module: string; name: string; found: string; key: string | undefined }) =>
      d.key === undefined
        ? `${d.module}#${d.name}.options is ${aOrAn(d.found)}, but no schema`
        : `${d.module}#${d.name}.options is ${aOrAn(d.found)}, but no schema, and its ${d.key} is no option of a table`,
    () => 'give it a Standard Schema such as z.object({ ... })',
  ),
  OPTION_UNKNOWN: config(
    'There is no option of that name.',
    (d: { key: string; nearest: string | undefined; has?: readonly string[] }) => `unknown option ${d.key}`,
    (d) => didYouMean(d.nearest) ?? (d.has === undefined || d.has.length === 0 ? undefined : `there is ${someOf(d.has)}`),
  ),
  OPTION_INVALID: config(
    'The value of an option is not allowed.',
    (d: { key: string; value: string; allowed: string }) => `${assigned(d.key, d.value)}: must be ${d.allowed}`,
    (d) => noComments(d.value),
  ),
  SETTING_INVALID: config(
    "The factory's own schema refuses a setting.",
    (d: { key: string; value: string; message: string }) => `${assigned(d.key, d.value)}: ${d.message}`,
    (d) => noComments(d.value),
  ),
  OPTION_REQUIRED: config(
    'An option that has no default is missing.',
    (d: { key: string; allowed: string }) => `${d.key} is required: ${d.allowed}`,
  ),
  OPTIONS_CONFLICT: config(
    'Two options contradict each other.',
    (d: { keys: readonly string[]; why: string; hint?: string | undefined }) => `${d.keys.join(' and ')}: ${d.why}`,
    (d) => d.hint,
  ),
  SOCKET_PATH_TOO_LONG: config(
    'A unix socket path is longer than the 107 bytes of sockaddr_un; Node would cut it silently.',
    (d: { path: string; bytes: number; limit: number }) =>
      `the socket path ${d.path} has ${d.bytes} bytes, ${d.limit} are possible`,
    () => 'choose a shorter path, such as /run/NAME.sock',
  ),
  SCRIPT_UNKNOWN: config(
    'serve() cannot tell which script to import in its workers.',
    () => 'serve() was not called from a script file',
    () => 'pass module: import.meta.url',
  ),

  SERVE_MISSING: config(
    'A worker imported the script again, but the script did not call serve() there.',
    (d: { module: string }) => `${d.module} did not call serve() in its worker`,
    () => 'call serve() in every thread, not only in the main one; it returns in the main thread only',
  ),
  TSCONFIG_INVALID: config(
    'The tsconfig.json of an app in TypeScript, or one that it extends, cannot be read.',
    (d: { why: string }) => `this tsconfig cannot be read: ${d.why}`,
    () => 'npx tsc --showConfig shows what TypeScript makes of it',
  ),
} as const;
