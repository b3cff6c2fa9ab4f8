// build.ts: `appserve build [buildout.cfg] [part ...] [section:option=value ...]`: generates what a configuration says, all of it or
// nothing, and says what has changed.

import { fileURLToPath } from 'node:url';
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
    isDry: flags['dry-run'] || flags.check,
  };
  if (flags.annotate) {
    process.stdout.write(annotate(options, words));
    return EXIT_CODES.asked.code;
  }
  const built = await build({ ...options, parts: words });
  for (const warning of built.warnings) process.stderr.write(`${warning}\n`);
  process.stdout.write(said(built, options.isDry === true, flags.diff));
  const isStale = flags.check && built.changes.files.length + built.changes.newFolders.length > 0;
  return isStale ? EXIT_CODES.stale.code : EXIT_CODES.asked.code;
}

interface Words {
  readonly config: string;
  /** Parts; with --annotate sections. */
  readonly words: readonly string[];
  readonly given: Readonly<Record<string, string>>;
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
    given: Object.fromEntries(given),
  };
}

const DONE = { make: 'made', replace: 'replaced', remove: 'removed' } as const satisfies Record<Change['type'], string>;
const WOULD = { make: 'would make', replace: 'would replace', remove: 'would remove' } as const satisfies Record<
  Change['type'],
  string
>;

function said({ changes, shownPath }: Built, isDry: boolean, withDiff: boolean): string {
  const { files, newFolders } = changes;
  const words = isDry ? WOULD : DONE;
  // A map is for the loader, not for people.
  const shown = files.filter(({ path }) => !path.endsWith('.ini.map'));
  const folders = newFolders.map((path) => `${words.make} ${shownPath(path)}/`);
  const lines = shown.map((change) => `${words[change.type]} ${shownPath(change.path)}`);
  const diffs = withDiff ? shown.map((change) => diffOf(change, shownPath(change.path))) : [];
  const all = [...folders, ...lines, ...diffs.map((diff) => diff.trimEnd())];
  return `${all.length === 0 ? 'everything is as it should be' : all.join('\n')}\n`;
}
