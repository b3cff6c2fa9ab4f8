// process/program.ts: the Node that this process was started with, looked up anew: behind the same name there may be a newer one by now.
//
// Law: process.execPath is what links led to at the start, such as a folder of one version; argv[0] is the name that was meant.

import { basename, delimiter, resolve } from 'node:path';

export interface Started {
  /** argv[0], as whoever started this process has spelled it. */
  readonly argv0: string;
  readonly execPath: string;
  /** The working directory at the start. */
  readonly folder: string;
  /** PATH of the environment. */
  readonly path: string | undefined;
}

/** As a shell finds it: by its path, or by PATH where it has none. The running Node, where nothing is found, or where argv[0] is no name of one. */
export function programOf({ argv0, execPath, folder, path = '' }: Started, isProgram: (file: string) => boolean): string {
  // Whoever starts a process may call it what they like (`exec -a`): another program shall not be started for it.
  const name = basename(argv0);
  if (!name.startsWith('node') && name !== basename(execPath)) return execPath;
  const places = argv0.includes('/') ? [argv0] : path.split(delimiter).map((one) => `${one || '.'}/${argv0}`);
  return places.map((place) => resolve(folder, place)).find(isProgram) ?? execPath;
}
