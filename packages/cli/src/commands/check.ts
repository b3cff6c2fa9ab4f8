// check.ts: `appserve check CONFIG`: all that is wrong with a configuration, at once, and nothing is served.

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
  const { name, sections, faults } = await checked(given);
  process.stdout.write(FORMATS[format](faults));
  if (format === 'text' && !given.flags.quiet) process.stderr.write(`${summary(name, sections, faults.length)}\n`);
  return Math.max(EXIT_CODES.asked.code, ...faults.map(exitCodeOf));
}

/** What keeps a configuration from being found, or read, is a finding like others: a program that reads them gets them all. */
async function checked(given: Given<typeof CHECK_FLAGS>): Promise<CheckedConfig & { readonly name: string }> {
  try {
    const { uri, options } = await givenConfig(given);
    return { name: uri, ...(await checkConfig(uri, { ...options, imports: !given.flags['no-import'], known: KNOWN_KEYS })) };
  } catch (error) {
    const faults = error instanceof FaultList ? error.faults : error instanceof Fault ? [error] : undefined;
    if (faults === undefined) throw error;
    return { name: given.operands[0] ?? 'the configuration', sections: [], faults };
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

function summary(name: string, sections: readonly string[], mistakes: number): string {
  if (mistakes > 0) return `\n${name}: ${mistakes} ${mistakes === 1 ? 'mistake' : 'mistakes'}`;
  return `${name}: nothing is wrong with ${sections.length === 0 ? 'it' : sections.map((section) => `[${section}]`).join(', ')}`;
}
