// build.ts: `appserve build [buildout.cfg] [part ...] [section:option=value ...]`: generates what a configuration says, all of it or
// nothing, and says what has changed.

import { fileURLToPath } from 'node:url';
import { Fault, FaultList } from '@appserve/core';
import { annotate, build, diffOf, type BuildOptions, type Built, type Change } from '@appserve/loader/generate';
import type { Given } from '../command.ts';
import type { BUILD_FLAGS } from '../commands.ts';
import { EXIT_CODES } from '../exit-codes.ts';

const DEFAULT_CONFIG = 'buildout.cfg';
const COMMAND = fileURLToPath(new URL('../../bin/appserve.js', import.meta.url));

export async function run({ operands, flags }: Given<typeof BUILD_FLAGS>): Promise<number> {
  const { config, words, given } = sorted(operands);
  const options: BuildOptions = {
    config,
    given,
    executable: process.execPath,
    appserve: COMMAND,
    isForced: flags.force,
    isDry: flags['dry-run'] || flags.check || flags.diff,
  };
  if (flags.annotate) {
    process.stdout.write(annotate(options, words));
    return EXIT_CODES.asked.code;
  }
  const built = await build({ ...options, parts: words }).catch(async (error: unknown) => {
    if (flags.diff && isRefused(error))
      process.stdout.write(diffsIn(await build({ ...options, parts: words, isForced: true, isDry: true })));
    throw error;
  });
  for (const warning of built.warnings) process.stderr.write(`${warning}\n`);
  process.stdout.write(said(built, options.isDry === true, flags.diff));
  const { files, newFolders, oldFolders } = built.changes;
  const isStale = flags.check && files.length + newFolders.length + oldFolders.length > 0;
  return isStale ? EXIT_CODES.stale.code : EXIT_CODES.asked.code;
}

/** Files would be lost: what is asked for is what would become of them. */
function isRefused(error: unknown): boolean {
  const faults = error instanceof FaultList ? error.faults : [error];
  return faults.every((fault) => fault instanceof Fault && REFUSED.has(fault.code));
}

const REFUSED: ReadonlySet<string> = new Set(['FILE_EDITED', 'FILE_IS_LINK', 'FILE_NOT_OURS']);

interface Words {
  readonly config: string;
  /** Parts; with --annotate sections. */
  readonly words: readonly string[];
  readonly given: readonly (readonly [key: string, value: string])[];
}

function isGiven(word: string): boolean {
  return word.includes('=');
}

/** A configuration ends in .cfg or has a slash; what has an equals sign is a value. */
function sorted(operands: readonly string[]): Words {
  const names = operands.filter((word) => !isGiven(word));
  const [first] = names;
  const hasConfig = first !== undefined && (first.endsWith('.cfg') || first.includes('/'));
  const given = operands.filter(isGiven).map((word): [string, string] => {
    const at = word.indexOf('=');
    return [word.slice(0, at).trim(), word.slice(at + 1)];
  });
  return {
    config: hasConfig ? first : DEFAULT_CONFIG,
    words: hasConfig ? names.slice(1) : names,
    given,
  };
}

const DONE = { make: 'made', replace: 'replaced', remove: 'removed' } as const satisfies Record<Change['type'], string>;
const WOULD = { make: 'would make', replace: 'would replace', remove: 'would remove' } as const satisfies Record<
  Change['type'],
  string
>;

function said(built: Built, isDry: boolean, withDiff: boolean): string {
  const { changes, shownPath } = built;
  const { files, newFolders, oldFolders } = changes;
  const words = isDry ? WOULD : DONE;
  const shown = files.filter(isForPeople);
  const folders = newFolders.map((path) => `${words.make} ${shownPath(path)}/`);
  const lines = shown.map((change) => `${words[change.type]} ${shownPath(change.path)}`);
  const gone = oldFolders.map((path) => `${words.remove} ${shownPath(path)}/`);
  const all = [...folders, ...lines, ...gone];
  return `${all.length === 0 ? 'everything is as it should be' : all.join('\n')}\n${withDiff ? diffsIn(built) : ''}`;
}

function diffsIn({ changes, shownPath }: Built): string {
  const diffs = changes.files.filter(isForPeople).map((change) => diffOf(change, shownPath(change.path)).trimEnd());
  return diffs.map((diff) => `${diff}\n`).join('');
}

/** A map is for the loader. */
function isForPeople({ path }: Change): boolean {
  return !path.endsWith('.ini.map');
}
