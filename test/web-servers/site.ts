// site.ts: the app of app.ts behind FastCGI, as `appserve site.ini` serves it.

import { chmodSync } from 'node:fs';
import { Command, write } from '../support/command.ts';
import { inRepository } from '../support/repository.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';
import type { Place } from '../support/web-server.ts';

const LIFETIME_MS = 230_000;

/** With these lines in [server:main]. */
export function siteIni(lines: readonly string[], factory = 'makeApp'): string {
  const app = inRepository('build/test/web-servers/app.js');
  return ['[app:main]', `use = ${app}#${factory}`, '', '[server:main]', 'use = @appserve/server#fastcgi', ...lines, ''].join(
    '\n',
  );
}

export class Site implements AsyncDisposable {
  /** Where it listens. */
  readonly at: Place;
  readonly process: Command;
  readonly #folder: TemporaryFolder;

  private constructor(at: Place, process: Command, folder: TemporaryFolder) {
    this.at = at;
    this.process = process;
    this.#folder = folder;
  }

  static async start(over: 'unix' | 'tcp', lines: readonly string[] = [], factory?: string): Promise<Site> {
    const folder = temporaryFolder();
    // Web servers that root starts become somebody else.
    chmodSync(folder.path, 0o755);
    const path = `${folder.path}/s`;
    const address = over === 'unix' ? [`socket = ${path}`, 'socket_mode = 0666'] : ['host = 127.0.0.1', 'port = 0'];
    write(folder, { 'site.ini': siteIni([...address, ...lines], factory) });
    const process = Command.appserve(['site.ini'], { cwd: folder.path, lifetimeMs: LIFETIME_MS });
    const url = await process.url();
    return new Site(over === 'unix' ? path : Number(new URL(url).port), process, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}
