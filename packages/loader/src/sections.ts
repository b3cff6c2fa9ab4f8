// sections.ts: any section as settings, also those that make nothing: `[pserve]`, `[alembic]`, `[loggers]`.
//
// Source: plaster's get_sections, get_settings and setup_logging.

import { gather } from '@appserve/core';
import type { FactorySettings } from '@appserve/core/app';
import type { LoggingConfig } from '@appserve/core/log';
import { readSettings } from './directives.ts';
import type { Section } from './ini/document.ts';
import { readLogging } from './logging/read-logging.ts';
import { opened, type LoadOptions } from './open.ts';
import type { Scope } from './scope.ts';
import { textOf } from './setting.ts';

/** The names of all sections but DEFAULT, in the order of the file. Faults: CONFIG_*, INI_*. */
export async function getSections(uri: string, options: LoadOptions = {}): Promise<string[]> {
  return [...((await scopeOf(uri, options))?.document.sections.keys() ?? [])];
}

/**
 * What a section says, with `set` and `get` done; none for one that is not there. The section is the fragment of the address when
 * it is left out. Faults: CONFIG_*, INI_*, INTERPOLATION_*, GLOBAL_MISSING.
 */
export async function getSettings(uri: string, section?: string, options: LoadOptions = {}): Promise<FactorySettings> {
  const from = opened(uri, options);
  const scope = await from.scope();
  const found = scope?.document.sections.get(section ?? from.name);
  return found === undefined ? {} : textOf(readSettings(scope!, found).values());
}

function scopeOf(uri: string, options: LoadOptions): Promise<Scope | undefined> {
  return opened(uri, options).scope();
}

/**
 * What a file says of logging, as plain data; nothing where it has no `[loggers]`. Faults: CONFIG_*, INI_*, LOGGING_*, and INTERPOLATION_*
 * of these sections only.
 */
export async function loadLogging(uri: string, options: LoadOptions = {}): Promise<LoggingConfig | undefined> {
  const scope = await scopeOf(uri, options);
  return scope === undefined ? undefined : readLogging(scope);
}

/** Sections of Python's logging.config: `loggers`, `handlers`, `formatters`, and one for each that they list. */
export interface LoggingSections {
  readonly file: string;
  /** By section, by key in lower case. The keys of formatters are as they stand: `%(message)s` is theirs. */
  readonly sections: Readonly<Record<string, FactorySettings>>;
}

/**
 * Gives `hook` the logging sections of a file, or nothing when it has no `[loggers]`. Faults: CONFIG_*, INI_*, INTERPOLATION_* of
 * these sections only.
 */
export async function setupLogging(
  uri: string,
  hook: (logging: LoggingSections | undefined) => void | Promise<void>,
  options: LoadOptions = {},
): Promise<void> {
  const scope = await scopeOf(uri, options);
  await hook(scope?.document.sections.has('loggers') === true ? loggingSections(scope) : undefined);
}

const LOGGING = /^(?:loggers|handlers|formatters|(?:logger|handler|formatter)_.+)$/s;

function loggingSections(scope: Scope): LoggingSections {
  const found = [...scope.document.sections.values()].filter(({ name }) => LOGGING.test(name));
  const sections = gather(found.map((section) => () => [section.name, loggingSection(scope, section)] as const));
  return { file: scope.ref.file, sections: Object.fromEntries(sections) };
}

/** Keys are lower-cased, as logging.config reads them. */
function loggingSection(scope: Scope, section: Section): FactorySettings {
  const isRaw = section.name.startsWith('formatter_');
  const entries = [...section.values].map(([key, raw]) => {
    const name = key.toLowerCase();
    // Python interpolates nothing in a formatter but its class.
    return [name, isRaw && name !== 'class' ? raw.text : scope.setting(section, key)!.value];
  });
  return Object.fromEntries(entries) as FactorySettings;
}
