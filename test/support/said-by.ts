// said-by.ts: what a command of ours says and how it ends, in a folder with some files.

import { Command, write } from './command.ts';
import { temporaryFolder } from './temporary.ts';

export interface SaidBy {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The folder is called /app in what is said. */
export async function saidBy(files: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<SaidBy> {
  using folder = temporaryFolder();
  write(folder, files);
  await using command = Command.appserve(words, { cwd: folder.path });
  const { code } = await command.ending();
  const [stdout, stderr] = [command.stdout, command.stderr].map((text) => text.replaceAll(folder.path, '/app'));
  return { code, stdout: stdout!, stderr: stderr! };
}
