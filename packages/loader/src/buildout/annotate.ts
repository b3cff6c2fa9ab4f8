// buildout/annotate.ts: every value of a configuration, with how it came about: `appserve build --annotate`.

import { Fault, FaultList, formatPlace, MASK, type Place } from '@appserve/core';
import type { Line } from './assignment.ts';
import { COMMAND_LINE } from './command-line.ts';
import type { Deed, RawOption } from './merge.ts';
import type { Configuration } from './substitute.ts';

/** The named sections, or all. A value that cannot be made says why. */
export function annotated(configuration: Configuration, sections: readonly string[] = []): string {
  const names = sections.length === 0 ? configuration.names : sections;
  return names.map((name) => annotatedSection(configuration, name)).join('\n');
}

function annotatedSection(configuration: Configuration, name: string): string {
  const { options, at } = configuration.merged.section(name);
  const comment = at === undefined ? '' : `  # ${at.file}:${at.line}`;
  const entries = [...options.values()].map((raw) => annotatedOption(configuration, name, raw));
  return [`[${name}]${comment}`, ...entries, ''].join('\n');
}

function annotatedOption(configuration: Configuration, section: string, raw: RawOption): string {
  const value = indented(valueOf(configuration, section, raw));
  return [`${raw.name} =${value === '' ? '' : ` ${value}`}`, ...raw.history.map(deedLine)].join('\n');
}

function valueOf(configuration: Configuration, section: string, { name }: RawOption): string {
  try {
    const setting = configuration.option(section, name);
    return setting?.isSecret === true ? MASK : (setting?.value ?? '');
  } catch (error) {
    if (error instanceof Fault || error instanceof FaultList) return `(${error.message})`;
    throw error;
  }
}

function indented(value: string): string {
  return value.replaceAll('\n', '\n    ');
}

const SIGNS = { set: '=', override: '=', add: '+=', remove: '-=' } as const satisfies Record<Deed['deed'], string>;

/** `    # base.cfg:3:1  += news` */
function deedLine({ deed, lines, from, at }: Deed): string {
  const value = lines
    .map((line: Line) => line.text)
    .join(' ')
    .trim();
  return `    # ${where(at, from)}  ${SIGNS[deed]}${value === '' ? '' : ` ${value}`}`;
}

function where(at: Place | undefined, from: string): string {
  return at === undefined || from === COMMAND_LINE ? from : formatPlace(at);
}
