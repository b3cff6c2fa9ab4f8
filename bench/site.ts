// site.ts: a site as an operator has it: a folder with an app and an ini, and the `appserve` that serves them, on all cores.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** The command as it is installed. */
export const APPSERVE = fileURLToPath(new URL('../../packages/cli/bin/appserve.js', import.meta.url));

/** `/work` costs some milliseconds of computing and of garbage, as pages do; `/born` is when the app was loaded. */
const APP = `
const born = String(Date.now());
const rows = Array.from({ length: 400 }, (_, id) => ({ id, name: 'row ' + id, price: id * 1.5, tags: ['a', 'b', String(id)] }));
const ANSWERS = {
  '/': () => 'Hello, world!',
  '/born': () => born,
  '/work': () => {
    let length = 0;
    for (let time = 0; time < 10; time += 1) length += JSON.stringify(JSON.parse(JSON.stringify(rows))).length;
    return String(length);
  },
};
export function make() {
  return (environ, startResponse) => {
    const body = Buffer.from(ANSWERS[environ.PATH_INFO]());
    startResponse('200 OK', [['Content-Type', 'text/plain'], ['Content-Length', String(body.length)]]);
    return [body];
  };
}
`;

/** What stands in [server:main]. */
export type ServerLines = Readonly<Record<string, string | number>>;

/** A folder with an app and its ini; it is gone when its scope ends. */
export class SiteFolder implements Disposable {
  readonly path: string;
  readonly ini: string;

  constructor(server: ServerLines) {
    this.path = mkdtempSync(join(tmpdir(), 'as-bench-'));
    this.ini = join(this.path, 'site.ini');
    writeFileSync(join(this.path, 'app.mjs'), APP);
    const lines = Object.entries({ socket: '127.0.0.1:0', ...server }).map(([key, value]) => `${key} = ${value}`);
    const sections = ['[app:main]', 'use = ./app.mjs#make', '[server:main]', 'use = @appserve/server#main', ...lines];
    writeFileSync(this.ini, `${sections.join('\n')}\n`);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export class Site implements AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  readonly #folder: SiteFolder;
  readonly #child: ChildProcessByStdio<null, null, Readable>;

  private constructor(folder: SiteFolder, child: ChildProcessByStdio<null, null, Readable>, port: number) {
    this.#folder = folder;
    this.#child = child;
    this.pid = child.pid!;
    this.port = port;
  }

  /** When its workers are ready. */
  static async start(server: ServerLines): Promise<Site> {
    const folder = new SiteFolder(server);
    const child = spawn(process.execPath, [APPSERVE, folder.ini], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    const port = await new Promise<string>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const [, found] = /^ {2}http:\/\/127\.0\.0\.1:([0-9]+)\n.*; ready in /m.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      });
      child.once('close', () => reject(new Error(`the site did not start:\n${said}`)));
    });
    return new Site(folder, child, Number(port));
  }

  reload(): void {
    this.#child.kill('SIGHUP');
  }

  /** When the app of whichever worker answers was loaded, by the clock. */
  async bornMs(): Promise<number> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/born`, { headers: { Connection: 'close' } });
    return Number(await answer.text());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await ended;
    }
    this.#folder[Symbol.dispose]();
  }
}
