// check.ts: `appserve check CONFIG`: all that is wrong with a configuration, at once, and what the start would warn of; nothing is served.

import { Fault, FaultList, nearest } from '@appserve/core';
import { checkConfig, type CheckedConfig } from '@appserve/loader';
import type { Given } from '../command.ts';
import type { CHECK_FLAGS } from '../commands.ts';
import { EXIT_CODES, exitCodeOf } from '../exit-codes.ts';
import { FORMATS, type FormatName } from '../findings.ts';
import { givenConfig } from '../given-config.ts';
import { KNOWN_KEYS } from '../own-section.ts';

export async function run(given: Given<typeof CHECK_FLAGS>): Promise<number> {
  const format = formatOf(given.flags.format);
  const { name, sections, faults, warnings } = await checked(given);
  const { out, err = '' } = FORMATS[format]({ faults, warnings });
  process.stdout.write(out);
  process.stderr.write(err);
  if (format === 'text' && !given.flags.quiet)
    process.stderr.write(`${summary(name, sections, { mistakes: faults.length, warnings: warnings.length })}\n`);
  return Math.max(EXIT_CODES.asked.code, ...faults.map(exitCodeOf));
}

/** What keeps a configuration from being found, or read, is a finding like others: a program that reads them gets them all. */
async function checked(given: Given<typeof CHECK_FLAGS>): Promise<CheckedConfig & { readonly name: string }> {
  try {
    const { uri, options } = await givenConfig(given);
    const { OPTION_FLAGS: flags } = await import('../server-flags.ts');
    return {
      name: uri,
      ...(await checkConfig(uri, { ...options, imports: !given.flags['no-import'], known: KNOWN_KEYS, flags })),
    };
  } catch (error) {
    const faults = error instanceof FaultList ? error.faults : error instanceof Fault ? [error] : undefined;
    if (faults === undefined) throw error;
    return { name: given.operands[0] ?? 'the configuration', sections: [], faults, warnings: [] };
  }
}

/** Faults: ARGUMENT_INVALID. */
function formatOf(written = 'text'): FormatName {
  const names = Object.keys(FORMATS);
  if (names.includes(written)) return written as FormatName;
  const like = nearest(written, names);
  const why = `there is ${names.join(', ')}${like === undefined ? '' : `; did you mean ${like}?`}`;
  throw new Fault('ARGUMENT_INVALID', { argument: `--format ${written}`, why });
}

interface Counts {
  readonly mistakes: number;
  readonly warnings: number;
}

function summary(name: string, sections: readonly string[], { mistakes, warnings }: Counts): string {
  const warned = warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`;
  const lead = mistakes + warnings > 0 ? '\n' : '';
  if (mistakes > 0) return `${lead}${name}: ${counted(mistakes, 'mistake')}${warned}`;
  const what = sections.length === 0 ? 'it' : sections.map((section) => `[${section}]`).join(', ');
  return `${lead}${name}: nothing is wrong with ${what}${warned}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
