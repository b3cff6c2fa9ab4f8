// generate/unheard.ts: what is said to nobody: options of [buildout], and sections of the command line, as warnings. Other options of
// [buildout] are for those who refer to them, or for zc.buildout; the ones of parts are their recipes' matter.

import { formatPlace, nearest } from '@appserve/core';
import { COMMAND_LINE } from '../buildout/command-line.ts';
import { BUILDOUT } from '../buildout/merge.ts';
import type { Configuration } from '../buildout/substitute.ts';
import type { MadePart } from './parts.ts';

/** `used`: what was asked for, as `section:option`. */
export function unheard(configuration: Configuration, parts: readonly MadePart[], used: ReadonlySet<string>): string[] {
  return [...unheardOptions(configuration, parts, used), ...unheardSections(configuration, used)];
}

const KNOWN = 'parts extends optional-extends directory bin-directory parts-directory executable appserve'.split(' ');
const OF_ZC_BUILDOUT: ReadonlySet<string> = new Set(
  (
    'abi-tag-eggs allow-hosts allow-picked-versions develop develop-eggs-directory download-cache eggs eggs-directory extensions ' +
    'extends-cache find-links index installed log-format log-level newest offline prefer-final python relative-paths root-directory ' +
    'show-picked-versions socket-timeout unzip update-versions-file use-dependency-links versions'
  ).split(' '),
);

/**
 * An option of [buildout] that nobody has asked for: in a file one that is written much as one that we know; on the command line any, since
 * there a section is easily forgotten.
 */
function unheardOptions({ merged }: Configuration, parts: readonly MadePart[], used: ReadonlySet<string>): string[] {
  return [...merged.section(BUILDOUT).options.values()].flatMap(({ name, history }) => {
    if (KNOWN.includes(name) || OF_ZC_BUILDOUT.has(name) || used.has(`${BUILDOUT}:${name}`)) return [];
    const at = history.findLast((deed) => deed.at !== undefined)?.at;
    const isSaid = at?.file === COMMAND_LINE;
    const owner = isSaid ? parts.find(({ part }) => part.used.has(name) || part.options.has(name)) : undefined;
    const like = owner === undefined ? nearest(name, KNOWN) : `${owner.part.name}:${name}`;
    if (at === undefined || (like === undefined && !isSaid)) return [];
    const meant = like === undefined ? '' : `; did you mean ${like}?`;
    return [`${formatPlace(at)}: [${BUILDOUT}] has an option that nobody uses: ${name}${meant}`];
  });
}

/** A section that only the command line knows, and that nobody has asked for anything. */
function unheardSections({ merged }: Configuration, used: ReadonlySet<string>): string[] {
  const isWritten = (name: string): boolean => name === BUILDOUT || merged.section(name).at !== undefined;
  const written = merged.names.filter(isWritten);
  return merged.names.flatMap((name) => {
    if (isWritten(name)) return [];
    const options = [...merged.section(name).options.keys()];
    if (options.some((option) => used.has(`${name}:${option}`))) return [];
    const like = nearest(name, written);
    return [
      `${COMMAND_LINE}: nobody uses ${name}:${options[0]}: there is no [${name}]${like === undefined ? '' : `; did you mean [${like}]?`}`,
    ];
  });
}
