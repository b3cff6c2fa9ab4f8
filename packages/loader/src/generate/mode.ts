// generate/mode.ts: the permissions of a generated file. Pure.
//
// Law: what a person has done with chmod stays, until what is asked for changes. A file that becomes secret is its owner's alone.

import type { MadeFile } from './parts.ts';
import type { InstalledFile } from './state.ts';

const MODE = 0o644;
const SECRET_MODE = 0o600;
/** Who may run a file, for each who may read it. */
const READ_TO_RUN = 2;

/** Of a file that is not there yet. */
export function wantedMode({ mode, isSecret }: MadeFile): number {
  return mode ?? (isSecret ? SECRET_MODE : MODE);
}

/** Of one that is there with the mode `found`. `known`: what is remembered of it. */
export function modeFor(file: MadeFile, found: number, known: InstalledFile | undefined): number {
  const wanted = wantedMode(file);
  if (file.isSecret && known?.isSecret !== true) return wanted;
  // Nobody remembers what was asked for before: what is said wins over what is there.
  if (known?.mode === undefined) return file.mode === undefined ? found : wanted;
  if (octal(wanted) !== known.mode || octal(found) === known.mode) return wanted;
  return runnable(found, wanted);
}

/** A script that has lost its x, in a copy or in an archive, cannot be meant to. */
function runnable(found: number, wanted: number): number {
  if ((wanted & 0o100) === 0 || (found & 0o100) !== 0) return found;
  return found | ((found & 0o444) >> READ_TO_RUN);
}

export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
