// developed.ts: `appserve app.ini --reload` over a folder of files, which a test changes.

import { appendFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from './command.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary.ts';

const INI = ['[app:main]', 'use = ./app.mjs#makeApp', '[server:main]', 'use = @appserve/server#main', 'socket = 127.0.0.1:0'];

export interface DevelopedOptions {
  /** Of [server:main]. */
  readonly lines?: readonly string[];
  readonly args?: readonly string[];
  /** Where each leads. */
  readonly links?: Readonly<Record<string, string>>;
}

/** An app that answers with a text. */
export function saying(text: string): string {
  return `export const makeApp = () => () => new Response(${JSON.stringify(text)});`;
}

export class Developed implements AsyncDisposable {
  readonly folder: TemporaryFolder = temporaryFolder();
  readonly command: Command;

  constructor(
    files: Readonly<Record<string, string>>,
    { lines = ['workers = 1'], args = ['app.ini', '--reload'], links = {} }: DevelopedOptions = {},
  ) {
    this.write('app.ini', [...INI, ...lines, ''].join('\n'));
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(this.folder.path, name));
    this.command = Command.appserve(args, { cwd: this.folder.path });
  }

  write(name: string, text: string): void {
    const path = join(this.folder.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  append(name: string, text: string): void {
    appendFileSync(join(this.folder.path, name), text);
  }

  /** What is answered when a change has been seen: it waits for what comes of it. */
  async body(path = '/'): Promise<string | undefined> {
    return (await this.command.get(path))?.body;
  }

  /** It has loaded again, so many times since the start. */
  async reloaded(times: number): Promise<void> {
    await this.command.says(/reloaded in \d+ ms/, times);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.command[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}
