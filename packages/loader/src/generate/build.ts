// generate/build.ts: the story of a build on a page: a configuration is read, its parts are made, what they make is checked, and
// only then the disk is changed.

import { existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { nearest } from '@appserve/core';
import { annotated } from '../buildout/annotate.ts';
import { layerOf } from '../buildout/assignment.ts';
import { commandLine, onCommandLine } from '../buildout/command-line.ts';
import type { Machine } from '../buildout/condition.ts';
import { Merged } from '../buildout/merge.ts';
import { readLayers } from '../buildout/read.ts';
import { Configuration } from '../buildout/substitute.ts';
import { isFile } from '../files.ts';
import { textOf } from '../read-config.ts';
import { withoutSecrets } from '../secrets.ts';
import { wordsOf, type Setting, type Word } from '../setting.ts';
import { changesFor, type Changes } from './changes.ts';
import { checkInis } from './check-ini.ts';
import { hidden } from './hidden.ts';
import { makeParts, type MadePart } from './parts.ts';
import { parseState, STATE_FILE, stateMode, stateText, type Installed } from './state.ts';
import { Workplace } from './transaction.ts';
import { unheard } from './unheard.ts';
import { unreached } from './unreached.ts';

export interface BuildOptions {
  /** The path of the configuration. */
  readonly config: string;
  /** Only these parts, and those that they refer to; the configuration's own when there are none. */
  readonly parts?: readonly string[];
  /** The command line: `section:option`, or an option of [buildout], perhaps with + or -; and the value. */
  readonly given?: readonly (readonly [key: string, value: string])[];
  /** What the start scripts run: Node, and the command of appserve. */
  readonly executable: string;
  readonly appserve: string;
  /** Write over files that are not ours, or were changed since. */
  readonly isForced?: boolean;
  /** Look only. */
  readonly isDry?: boolean;
}

export interface Built {
  readonly changes: Changes;
  /** How messages call a path. */
  readonly shownPath: (path: string) => string;
  /** Options and parts that nobody has asked for: `buildout.cfg:12:1: [instance] has an option that nobody uses: ...`. */
  readonly warnings: readonly string[];
}

/** Faults: those of the configuration, its recipes, templates and inis, of changesFor and Workplace. Then nothing was changed. */
export async function build(options: BuildOptions): Promise<Built> {
  const file = resolve(options.config);
  const directory = dirname(file);
  // While somebody else builds, or after somebody has broken off, what is there means nothing: so this comes first.
  using workplace = options.isDry === true || !isFile(file) ? undefined : Workplace.enter(directory);
  if (options.isDry === true) Workplace.look(directory);
  const world = worldOf(options, file);
  const secrets = (): readonly Setting[] => [...world.configuration.secrets];
  try {
    const { shownPath, ...built } = await buildIn(world, options, workplace);
    return { ...built, shownPath: (path) => withoutSecrets(shownPath(path), secrets()) };
  } catch (error) {
    throw hidden(error, secrets());
  }
}

async function buildIn(world: World, options: BuildOptions, workplace: Workplace | undefined): Promise<Built> {
  const { configuration, directory, shownPath } = world;
  const used = new Set<string>();
  configuration.onUse = (section, option) => void used.add(`${section}:${option}`);
  const own = partsOf(configuration);
  const wanted =
    options.parts === undefined || options.parts.length === 0
      ? own
      : options.parts.map((text) => ({ text, at: onCommandLine(text) }));
  const parts = await makeParts(wanted, world);
  const shared = await checkInis(
    parts.flatMap(({ files }) => files),
    shownPath,
  );
  const statePath = join(directory, STATE_FILE);
  const before: Installed = isFile(statePath)
    ? parseState(textOf(statePath, shownPath(statePath)), shownPath(statePath))
    : new Map();
  const kept = new Set([
    ...own.map(({ text }) => text),
    ...parts.map(({ part }) => part.name),
    ...stillReferred(before, options),
  ]);
  const changes = changesFor(parts, { directory, before, kept, isForced: options.isForced === true, shownPath });
  const state = { path: statePath, text: stateText(changes.installed), mode: stateMode(changes.installed) };
  const { files, newFolders, oldFolders } = changes;
  const isSame = files.length + newFolders.length + oldFolders.length === 0 && state.text === stateText(before);
  if (workplace !== undefined && !isSame) await workplace.commit(changes, state);
  const changedSince = (workplace?.changedSince ?? []).map(
    (path) => `${shownPath(path)} was changed after a build had been broken off`,
  );
  return {
    changes,
    shownPath,
    warnings: [
      ...changedSince,
      ...shared,
      ...unheard(configuration, parts, used),
      ...(wanted === own ? unreached(configuration, options.config, parts) : []),
      ...parts.flatMap((made) => [...made.part.warnings, ...unusedOf(made, used)]),
    ],
  };
}

/** Where single parts are built, the rest stays: also what a part had needed that is not in the list. */
function stillReferred(before: Installed, { parts = [] }: BuildOptions): readonly string[] {
  return parts.length === 0 ? [] : [...before.keys()];
}

/** Every value with its history: all sections, or these. Faults: those of the configuration. */
export function annotate(options: BuildOptions, sections: readonly string[] = []): string {
  return annotated(worldOf(options, resolve(options.config)).configuration, sections);
}

type World = Parameters<typeof makeParts>[1] & { readonly shownPath: (path: string) => string };

function worldOf({ config, given = [], executable, appserve }: BuildOptions, file: string): World {
  const directory = dirname(file);
  const source = { read: textOf, exists: existsSync, machine: machine() };
  const defaults = layerOf('default', [
    ['buildout', 'directory', directory],
    ['buildout', 'bin-directory', 'bin'],
    ['buildout', 'parts-directory', 'parts'],
    ['buildout', 'executable', executable],
    ['buildout', 'appserve', appserve],
  ]);
  const layers = [defaults, ...readLayers(file, config, source), commandLine(given)];
  const configuration = new Configuration(new Merged(layers), process.env);
  for (const key of ['bin-directory', 'parts-directory']) {
    const { value, isSecret } = configuration.option('buildout', key)!;
    configuration.tell('buildout', key, { text: resolve(directory, value), isSecret });
  }
  const shownDirectory = dirname(config);
  const shownPath = (path: string): string => {
    const inside = relative(directory, path);
    return inside.startsWith('..') || isAbsolute(inside) ? path : join(shownDirectory, inside);
  };
  return { configuration, directory, shownDirectory, read: textOf, modeOf: (path) => statSync(path).mode & 0o7777, shownPath };
}

/** `parts` of [buildout]. */
function partsOf(configuration: Configuration): Word[] {
  const setting = configuration.option('buildout', 'parts');
  return setting === undefined ? [] : wordsOf(setting);
}

/** What conditions can ask for here. */
function machine(): Machine {
  const { platform, arch, versions } = process;
  const system = { linux: 'Linux', darwin: 'Darwin', win32: 'Windows' }[platform as string] ?? platform;
  const words = {
    linux: platform === 'linux',
    macosx: platform === 'darwin',
    windows: platform === 'win32',
    posix: platform !== 'win32',
    sys_platform: platform,
    platform_system: system,
    platform_machine: arch === 'x64' ? 'x86_64' : arch === 'arm64' ? 'aarch64' : arch,
    node_version: versions.node,
  };
  return { words, environment: process.env };
}

/** An option that neither its recipe nor a reference has asked for is probably misspelt. */
function unusedOf({ part, recipe, values = {} }: MadePart, used: ReadonlySet<string>): string[] {
  const strangers = [...part.options.values()].filter(
    ({ key }) => !part.used.has(key) && !used.has(`${part.name}:${key}`) && !Object.hasOwn(values, key),
  );
  return strangers.map(({ key, at }) => {
    const like = nearest(key, [...part.used]);
    const where = at === undefined ? '' : `${at.file}:${at.line}:${at.column}: `;
    return `${where}[${part.name}] has an option that nobody uses: ${key}${like === undefined ? ` (${recipe} does not know it)` : `; did you mean ${like}?`}`;
  });
}
