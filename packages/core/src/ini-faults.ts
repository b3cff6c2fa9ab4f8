// ini-faults.ts: what is wrong with a command line, with a configuration and its sections; exit code 2.

import { config, didYouMean } from './fault-row.ts';
import { nearest, orList, someOf } from './nearest.ts';

/** Of a section that is almost of a kind: the one of that kind which is most like it. */
function meantBy(misspelt: string, sections: readonly string[]): string {
  return nearest(misspelt.trim(), sections) ?? sections[0]!;
}

/** How `use` names a file: a configuration by config:, a module by its path. */
export function addressOfFile(path: string, name: string): string {
  return /\.(?:ini|cfg|conf|json|ya?ml)$/.test(path) ? `config:${path}#${name}` : `./${path}#${name}`;
}

export const INI_FAULTS = {
  ARGUMENT_INVALID: config(
    'The command line cannot be understood. `appserve --help` lists what it takes.',
    (d: {
      argument: string;
      why: string;
      command?: string | undefined;
      /** Where there is more to do than to read the help. */
      hint?: string | undefined;
    }) => `${d.argument}: ${d.why}`,
    (d) => d.hint ?? `appserve ${d.command === undefined ? '' : `${d.command} `}--help lists what the command takes`,
  ),
  CONFIG_MISSING: config(
    'The configuration file does not exist.',
    (d: { path: string; nearest?: string | undefined }) => `there is no file ${d.path}`,
    (d) => didYouMean(d.nearest) ?? 'a path is relative to the working directory; in an ini, to the folder of that ini',
  ),
  CONFIG_UNREADABLE: config(
    'The configuration file exists, but cannot be read as text: a directory, no permission, not UTF-8.',
    (d: { path: string; why: string; hint?: string | undefined }) => `cannot read ${d.path}: ${d.why}`,
    (d) => d.hint,
  ),
  CONFIG_NOT_FOUND: config(
    'No configuration is named, and none is found from the working directory up to the project. docs/guide/finding.md tells where it is looked for.',
    (d: {
      lookedFor: readonly string[];
      folders: readonly string[];
      passedOver: readonly string[];
      others: readonly string[];
    }) => {
      const passed = d.passedOver.length === 0 ? '' : `; passed over ${d.passedOver.join(', ')}`;
      return `there is no configuration: looked for ${orList(d.lookedFor)} in ${d.folders.join(', ')}${passed}`;
    },
    (d) => (d.others.length === 0 ? 'name one: appserve path/to.ini' : `there is ${someOf(d.others)}: appserve ${d.others[0]}`),
  ),
  CONFIG_SEARCH_FAILED: config(
    'What the project says to cosmiconfig, in its package.json or in .config/config.*, cannot be read; it is read before any search.',
    (d: { why: string }) => `cannot look for a configuration: ${d.why}`,
    () => 'mend it, or name a configuration: appserve path/to.ini',
  ),
  CONFIG_SYNTAX: config(
    'A configuration in JSON or YAML breaks the grammar of its language; or its aliases stand for more than any configuration has.',
    (d: { why: string }) => d.why,
    (d) =>
      /^plain value cannot start with .*[@%]$/.test(d.why)
        ? 'in YAML a text that begins with @ or % needs quotes: "@appserve/server#main"'
        : undefined,
  ),
  CONFIG_SHAPE: config(
    'A configuration in JSON, YAML or a module says what no ini could: it takes sections of keys, each with text, a number, true, false, or a list of these.',
    (d: { what: string; found: string; wanted: string }) => `${d.what} is ${d.found}`,
    (d) => `write ${d.wanted}`,
  ),
  CONFIG_IS_CODE: config(
    'A module was named without one of its exports, and is no configuration: its default export is no object of sections.',
    (d: { names: readonly string[]; name: string }) => `this module is no configuration: it exports ${someOf(d.names)}`,
    (d) => `to serve an app without a configuration, name its export: appserve ${d.name}`,
  ),
  INI_NO_SECTION: config(
    'There is text before the first [section].',
    (d: { line: string }) => `there is no [section] above this line: ${d.line.trim()}`,
    (d) =>
      /^\s*\[[^\]]*$/.test(d.line)
        ? `it begins as a [section] and has no ]: write ${d.line.trim()}]`
        : d.line.trim().startsWith('[]')
          ? 'the section has no name: write one such as [app:main]'
          : 'put it below a line such as [app:main]',
  ),
  INI_SYNTAX: config(
    'A line is neither a comment, a [section], a `key = value`, nor an indented continuation.',
    (d: { why: string }) => d.why,
    () => 'write key = value; indent a line that continues a value; start comments with #',
  ),
  SECTION_REPEATED: config(
    'One file has a section twice.',
    (d: { section: string; firstLine: number }) => `[${d.section}] stands already at line ${d.firstLine}`,
    () => 'merge the two sections, or rename one',
  ),
  KEY_REPEATED: config(
    'One section has a key twice.',
    (d: {
      key: string;
      firstLine: number;
      /** A line above that begins as a [section] does, and has no ]. */
      unclosed?: number | undefined;
    }) => `${d.key} stands already at line ${d.firstLine}`,
    (d) =>
      d.unclosed === undefined
        ? 'keep one of the two lines'
        : `line ${d.unclosed} begins as a [section] and has no ]: is it meant to be one?`,
  ),
  INTERPOLATION_SYNTAX: config(
    'A % is neither `%(name)s` nor `%%`.',
    (d: { why: string }) => d.why,
    () => 'write %% for a percent sign and %(name)s for a value',
  ),
  INTERPOLATION_MISSING: config(
    '`%(name)s` names nothing that this section or [DEFAULT] has.',
    (d: {
      name: string;
      nearest: string | undefined;
      isInEnvironment: boolean;
      /** A section that has it and would be [DEFAULT] if it were written so. */
      misspelt: string | undefined;
      /** The value is a format, which has fields that look the same. */
      isFormat?: boolean | undefined;
    }) => `there is no value for %(${d.name})s`,
    (d) => {
      if (d.misspelt !== undefined) return `[${d.misspelt}] has it, but the section for all others is written [DEFAULT]`;
      if (d.isFormat === true) return `a field of the format is written with two percent signs: %%(${d.name})s`;
      if (d.isInEnvironment) return `the environment has it: write %(env:${d.name})s`;
      return didYouMean(d.nearest) ?? 'set it in this section, in [DEFAULT], or on the command line as name=value';
    },
  ),
  INTERPOLATION_TOO_LONG: config(
    'A value grew beyond all reason while its variables were put in.',
    (d: { limit: number }) => `the value exceeds ${d.limit} characters`,
    () => 'values that refer to values that refer to values grow fast; write one of them out',
  ),
  ENVIRONMENT_MISSING: config(
    '`%(env:NAME)s` names a variable that the environment does not have.',
    (d: { name: string; nearest: string | undefined }) => `the environment has no ${d.name}`,
    (d) => didYouMean(d.nearest) ?? `set it, or write what to take instead: %(env:${d.name}|value)s`,
  ),
  VALUE_FILE_UNREADABLE: config(
    '`%(file:PATH)s` names a file that cannot be read as text.',
    (d: { path: string; why: string }) => `cannot read ${d.path}: ${d.why}`,
    () => 'the path is relative to the folder of the ini file; the file must be UTF-8 and at most 1 MiB',
  ),
  INTERPOLATION_CYCLE: config(
    'Values refer to each other in a circle.',
    (d: { cycle: readonly string[] }) => `values refer to each other in a circle: ${d.cycle.join(' -> ')}`,
    () => 'write one of them out; %% is a percent sign that stands for itself',
  ),
  INTERPOLATION_DEPTH: config(
    'Values refer to values more than ten deep, the limit of ConfigParser.',
    (d: { limit: number }) => `values refer to each other more than ${d.limit} deep`,
    () => 'write one of them out',
  ),
  VARIABLE_UNKNOWN: config(
    'A variable of the environment is almost the name of an option of the server: APPSERVE_WORKERS is `workers`.',
    (d: { name: string; nearest: string | undefined }) => `the variable ${d.name} of the environment is no option`,
    (d) => didYouMean(d.nearest),
  ),
  SETTING_PATH_UNKNOWN: config(
    'What `--set` names is not a key in a section of the file.',
    (d: { by: string; file: string; names: readonly string[]; likely: readonly string[] }) =>
      `${d.by}: ${d.file} has no section that this begins with`,
    (d) => (d.likely.length > 0 ? didYouMean(orList(d.likely)) : `there is ${someOf(d.names)}; the key stands behind a dot`),
  ),
  URI_INVALID: config(
    'The address of a configuration is not `path`, `path#name` or `config:path#name`.',
    (d: { uri: string; why: string }) => `${d.uri}: ${d.why}`,
    () => 'write a path such as development.ini, or development.ini#admin for [app:admin]',
  ),
  SECTION_MISSING: config(
    'The file has no section of that name and kind.',
    (d: {
      sections: readonly string[];
      /** Those of the kind that is asked for. */
      found: readonly string[];
      /** One that has the name, but another kind. */
      other: string | undefined;
      role: string;
      nearest: string | undefined;
      /** One that is almost of the kind: `App:main`. */
      misspelt: string | undefined;
      /** A file has the name. */
      isFile: boolean;
    }) =>
      `there is no section [${d.sections[0]}]${d.sections.length === 1 ? '' : `, and no ${orList(d.sections.slice(1).map((name) => name.slice(0, name.indexOf(':'))))} of that name`}`,
    (d) => {
      const [, name = ''] = /^[^:]*:(.*)$/s.exec(d.sections[0]!) ?? [];
      if (d.misspelt !== undefined) return `there is [${d.misspelt}]: did you mean [${meantBy(d.misspelt, d.sections)}]?`;
      if (d.isFile) return `there is a file of that name: write ${addressOfFile(name, 'main')}`;
      if (d.nearest !== undefined) return `there is [${d.nearest}]: did you mean that?`;
      const [, module, entry] = /^([\w-]+)(?:\.[\w-]+)+:([\w$.]+)$/.exec(name) ?? [];
      if (module !== undefined) return `write ${module}#${entry} for an export of a package, or ./file.js#${entry}`;
      if (d.role === 'server' && d.found.length === 0)
        return `add [${d.sections[0]}] with use = @appserve/server#main, socket = 127.0.0.1:8080 and workers = 2`;
      if (d.other !== undefined)
        return `there is [${d.other}], but ${d.role === 'app' ? 'an app' : `a ${d.role}`} is asked for here`;
      const others =
        d.role === 'server' || name === 'main' || !/^[\w.~-]+$/.test(name)
          ? ''
          : `; a package of that name would be ${name}#main`;
      if (d.found.length > 0) return `the file has ${d.found.map((section) => `[${section}]`).join(' ')}${others}`;
      return `add [${d.sections[0]}] with a line such as use = ./${d.role}.js#main`;
    },
  ),
  SECTION_AMBIGUOUS: config(
    'Two sections have the name that is asked for.',
    (d: { sections: readonly string[] }) => `two sections could be meant: ${d.sections.map((name) => `[${name}]`).join(' and ')}`,
    () => 'they share one set of names: rename one of them',
  ),
  USE_MISSING: config(
    'The section does not say what it uses.',
    (d: { section: string; keys: readonly string[] }) => `[${d.section}] has no use =`,
    (d) => `add a line such as use = my-package#main, use = ./app.js#main, or ${d.keys[0]} = ./app.js:main`,
  ),
  PROTOCOLS_SEVERAL: config(
    'A section names two factories with two signatures.',
    (d: { section: string; keys: readonly string[] }) => `[${d.section}] has ${d.keys.join(' and ')}`,
    () => 'keep one of them',
  ),
  PIPELINE_MISSING: config(
    'A `[pipeline:...]` section does not say what it is made of.',
    (d: { section: string }) => `[${d.section}] has no pipeline =`,
    () => 'add pipeline = followed by filters and, last, an app, each on a line of its own',
  ),
  PIPELINE_EMPTY: config(
    'The list of a pipeline is empty: at least an app must stand there.',
    (d: { section: string }) => `the pipeline of [${d.section}] is empty`,
    () => 'name filters and, last, an app, each on an indented line of its own',
  ),
  PIPELINE_SETTINGS: config(
    'A pipeline has a setting, or gets one from a section that uses it; but it has no factory that could take it.',
    (d: { section: string; key: string }) => `[${d.section}] is a pipeline and takes no setting ${d.key}`,
    () => 'write it into the section of the app or the filter that it is meant for',
  ),
  NEXT_MISSING: config(
    'A `[filter-app:...]` section does not say which app it filters.',
    (d: { section: string }) => `[${d.section}] has no next =`,
    () => 'add next = and the name of an app',
  ),
  GLOBAL_MISSING: config(
    '`get x = NAME` asks for a global that nobody has set.',
    (d: { name: string; nearest: string | undefined }) => `there is no global ${d.name}`,
    (d) => didYouMean(d.nearest) ?? `write ${d.name} = ... in [DEFAULT], or set ${d.name} = ... in a section that leads here`,
  ),
  USE_INVALID: config(
    'A name is none of `pkg#name`, `./file.js#name`, `config:other.ini#name`, `call:./file.js:name` or the name of a section.',
    (d: { use: string; why: string }) => (d.use === '' ? d.why : `${d.use}: ${d.why}`),
    () => 'write my-package#main, ./app.js#main, config:other.ini#main, or the name of another section',
  ),
  USE_CYCLE: config(
    'Sections use each other in a circle.',
    (d: { cycle: readonly string[] }) =>
      `sections use each other in a circle: ${d.cycle.map((name) => `[${name}]`).join(' -> ')}`,
    () => 'one of them must use a package or a file',
  ),
  USE_TOO_DEEP: config(
    'Sections use sections that use sections, without end in sight.',
    (d: { limit: number }) => `sections use each other more than ${d.limit} deep`,
    () => 'is this ini made by a program? Let it name the package or the file at once',
  ),
  SETTINGS_NOT_PLAIN: config(
    'The schema that a package has apart from its factory gives a value that no other thread can be given: a function, or an object of a class.',
    (d: { key: string; found: string }) => `the schema makes ${d.found} of ${d.key}, which cannot be sent to a worker`,
    () => 'this is for the author of the package to mend: plain data only, or the schema as a property of the factory',
  ),
} as const;
