// logging-faults.ts: what is wrong with the logging sections of an ini, and with the format of an access log; exit code 2.

import { config, didYouMean } from './fault-row.ts';

export const LOGGING_FAULTS = {
  LOGGING_SECTION_MISSING: config(
    'The logging sections of an ini name each other: `[loggers]`, `[handlers]` and `[formatters]` must all be there, and one section for each name that their `keys` list. One of them is not there.',
    (d: { section: string; nearest: string | undefined }) => `there is no section [${d.section}]`,
    (d) => didYouMean(d.nearest) ?? 'add it, or take its name out of the list',
  ),
  LOGGING_KEY_MISSING: config(
    'A logging section lacks a key that Python asks for as well: `keys`, `handlers` (which may be empty), `qualname` of all loggers but root, `class` of a handler.',
    (d: { section: string; key: string }) => `[${d.section}] has no ${d.key}`,
  ),
  LOGGING_VALUE_INVALID: config(
    'A value of a logging section is not what its key takes.',
    (d: { key: string; value: string; allowed: string }) => `${d.key} = ${d.value}: must be ${d.allowed}`,
  ),
  LOGGING_NAME_UNKNOWN: config(
    'A logger, a handler or a formatter is named in a logging section, but not listed under `keys`.',
    (d: { kind: 'handler' | 'formatter'; name: string; nearest: string | undefined }) =>
      `there is no ${d.kind} ${d.name} in the keys of [${d.kind}s]`,
    (d) => didYouMean(d.nearest),
  ),
  LOGGING_CLASS_UNKNOWN: config(
    'A handler or a formatter of the logging sections names a class that is not among those that are known here: nothing of Python can be imported. docs/guide/logging.md lists them.',
    (d: { kind: 'handler' | 'formatter'; name: string; known: readonly string[] }) =>
      `${d.name} is no ${d.kind} that is known here`,
    (d) => `there are ${d.known.join(', ')}`,
  ),
  LOGGING_LITERAL_INVALID: config(
    '`args`, `kwargs` or `defaults` of a logging section is no literal of Python. Python would execute it; here it is only read: strings, numbers, True, False, None, tuples, lists, dicts, and the names sys.stderr and sys.stdout.',
    (d: { key: string; why: string }) => `${d.key}: ${d.why}`,
  ),
  LOGGING_ARGUMENTS_INVALID: config(
    '`args` or `kwargs` of a handler do not fit its class.',
    (d: { name: string; why: string }) => `${d.name}: ${d.why}`,
  ),
  LOG_FORMAT_INVALID: config(
    '`access_log_format` is neither one of the names that it has, nor a format with atoms such as `%(h)s`.',
    (d: { format: string; why: string }) => `access_log_format = ${d.format}: ${d.why}`,
    () => 'docs/guide/logging.md lists the atoms; a percent sign is written %%',
  ),
} as const;
