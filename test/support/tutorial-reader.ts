// tutorial-reader.ts: who follows docs/guide/tutorial.md: a folder, a terminal in which at most one server runs, and instead of systemd and
// the system's nginx what does the same without being installed.
//
// The ports of the page may be in use here: others are taken, and shown as the page has them.

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { freePort } from '../../bench/free-port.ts';
import { APPSERVE, Command } from './command.ts';
import { copiedCli } from './copied-cli.ts';
import type { Scene } from './guide.ts';
import { PATIENCE_MS } from './patience.ts';
import { demand } from './programs.ts';
import { RawClient } from './raw-client.ts';
import { linkPackages, temporaryFolder } from './temporary.ts';
import { replaceAll, WebServer } from './web-server.ts';
import { withoutProgress } from './without-progress.ts';

/** Where the page begins. */
const READERS_FOLDER = '/srv';
const PORT = 8080;
const LIFETIME_MS = 300_000;
/** Of the curl that the page shows. */
const AGENT = 'curl/8.5.0';

export class TutorialReader implements AsyncDisposable {
  readonly #folder = temporaryFolder();
  #cwd = this.#folder.path;
  /** Of the server, in the place of 8080. */
  #port = 0;
  #served: Command | undefined;
  #nginx: WebServer | undefined;

  constructor() {
    // nginx may become somebody else.
    chmodSync(this.#folder.path, 0o755);
  }

  save(file: string, text: string): void {
    const path = join(this.#cwd, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  #textOf(file: string): string {
    return readFileSync(join(this.#cwd, file), 'utf8');
  }

  /** Where an address of the page is here. */
  urlOf(url: string): string {
    return url.replace(`:${PORT}/`, `:${this.#port}/`).replace('//localhost/', `//127.0.0.1:${this.#nginx?.port}/`);
  }

  /** Units that can be verified: their program is there. Gives their paths. */
  units(names: readonly string[]): string[] {
    for (const name of names)
      this.save(`verified/${name}`, this.#textOf(name).replace(/=\/srv\S+\/appserve /, `=${process.execPath} `));
    return names.map((name) => join(this.#cwd, 'verified', name));
  }

  async plays({ command, output }: Scene, code: number): Promise<void> {
    const system = SYSTEM[command.replace(/^sudo /, '')];
    const words = Array.from(command.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, bare]) => quoted ?? bare ?? '');
    if (system !== undefined) await this[system](words);
    else if (words[0] === 'cd') this.#cwd = join(this.#cwd, words[1]!);
    else if (command === 'npm install') this.#install();
    else if (words[0] === 'curl') await this.#until(async () => this.#curl(words.slice(1)), output);
    else if (words[0] === 'tail') await this.#until(async () => this.#run(words, 0), output);
    else if (output.includes('; ready in ')) await this.#serves(words.slice(2), output);
    else assertSaid(await this.#run(words, code), output);
  }

  #install(): void {
    linkPackages({ ...this.#folder, path: this.#cwd });
  }

  async #run([program = '', ...args]: readonly string[], code: number): Promise<string> {
    const options = { cwd: this.#cwd, lifetimeMs: LIFETIME_MS };
    using installed = temporaryFolder();
    // From a clone it would tell how to install what is in that.
    const isInit = program === 'npx' && args[1] === 'init';
    await using played = isInit
      ? Command.node([copiedCli(installed), ...args.slice(1)], options)
      : program === 'npx'
        ? Command.appserve(args.slice(1), options)
        : Command.program(program, args, options);
    assert.deepEqual(await played.ending(), { code, signal: null }, `${played.stdout}${played.stderr}`);
    return this.#shown(`${played.stdout}${played.stderr}`);
  }

  /** As the page has it. */
  #shown(said: string): string {
    return withoutProgress(said)
      .replaceAll(this.#folder.path, READERS_FOLDER)
      .replaceAll(`:${this.#port}`, `:${PORT}`)
      .replaceAll(/pid \d+/g, 'pid 4711')
      .replaceAll(/ready in \d+ ms/g, 'ready in 110 ms')
      .replaceAll(/\[\d\d\/\w+\/\d{4}:[\d:]+ [+-]\d{4}\]/g, '[20/Nov/2026:22:48:01 +0000]');
  }

  /** `^C` for the one before, then the next one. */
  async #serves(args: readonly string[], output: string): Promise<void> {
    await this.#stop();
    this.#port = await freePort();
    this.#served = Command.appserve([...args, `http_port=${this.#port}`], { cwd: this.#cwd, lifetimeMs: LIFETIME_MS });
    await this.#served.url();
    assert.equal(this.#shown(this.#served.stderr), output);
  }

  async #stop(): Promise<void> {
    this.#served?.signal('SIGINT');
    assert.deepEqual(await this.#served?.ending(), this.#served && { code: 0, signal: null }, this.#served?.stderr);
    this.#served = undefined;
  }

  /** Until that is said: what was saved is loaded, what was asked is logged. */
  async #until(say: () => Promise<string>, output: string): Promise<void> {
    const deadlineMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const said = await say();
      try {
        assertSaid(said, output);
        return;
      } catch (error) {
        if (performance.now() > deadlineMs) throw error;
      }
      await later(20);
    }
  }

  /** `curl [-i] [-H FIELD] URL`. */
  async #curl(words: readonly string[]): Promise<string> {
    const { host, pathname, port } = new URL(this.urlOf(words.at(-1)!));
    const fields = words.filter((_, at) => words[at - 1] === '-H');
    await using client = await RawClient.connect(Number(port));
    const lines = [`GET ${pathname} HTTP/1.1`, `Host: ${host}`, `User-Agent: ${AGENT}`, 'Connection: close', ...fields];
    await client.send(`${lines.join('\r\n')}\r\n\r\n`);
    const { head = '', body = '' } = (await client.response()) ?? {};
    return words.includes('-i') ? `${head.replaceAll('\r\n', '\n')}\n\n${body}` : body;
  }

  /** Whether what is copied is there. */
  async copies(words: readonly string[]): Promise<void> {
    for (const file of words.slice(2, -1)) assert.notEqual(this.#textOf(file), '');
  }

  async startsNginx(): Promise<void> {
    this.#nginx = await WebServer.startWith('nginx', (port) =>
      replaceAll(NGINX_FRAME.replace('SITE', this.#textOf('shop.conf')), [
        ['FOLDER', this.#folder.path],
        ['listen 80;', `listen 127.0.0.1:${port};`],
        [`server 127.0.0.1:${PORT};`, `server 127.0.0.1:${this.#port};`],
      ]),
    );
  }

  /** What the units say, by the program of systemd that passes sockets. It begins with the first client. */
  async startsUnits(): Promise<void> {
    demand('systemd-socket-activate');
    await this.#stop();
    const [, name] = /^FileDescriptorName=(.+)$/m.exec(this.#textOf('shop.socket'))!;
    const [, address] = /^ListenStream=(.+)$/m.exec(this.#textOf('shop.socket'))!;
    const [, start] = /^ExecStart=(.+)$/m.exec(this.#textOf('shop.service'))!;
    assert.equal(address, `127.0.0.1:${PORT}`);
    const logs = join(this.#folder.path, 'logs');
    mkdirSync(logs);
    const program = join(this.#folder.path, 'appserve');
    symlinkSync(APPSERVE, program);
    const exec = replaceAll(start!, [
      ['/srv/shop/node_modules/.bin/appserve', program],
      ['/var/log/shop', logs],
      ['/srv/shop', this.#cwd],
    ]);
    const listen = [`--listen=127.0.0.1:${this.#port}`, `--fdname=${name}`, '--setenv=PATH'];
    this.#served = Command.program('systemd-socket-activate', [...listen, ...exec.split(' ')], {
      cwd: this.#cwd,
      lifetimeMs: LIFETIME_MS,
    });
    await this.#served.says(/^Listening on /m);
  }

  async reloads(): Promise<void> {
    const [, signal] = /^ExecReload=\/bin\/kill -(\w+) \$MAINPID$/m.exec(this.#textOf('shop.service'))!;
    this.#served!.signal(`SIG${signal}` as NodeJS.Signals);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#nginx?.[Symbol.asyncDispose]();
    await this.#served?.[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

/** What only root may do, and what is done here instead. */
const SYSTEM: Readonly<Record<string, 'copies' | 'startsNginx' | 'startsUnits' | 'reloads'>> = {
  'cp shop.conf /etc/nginx/conf.d/': 'copies',
  'systemctl reload nginx': 'startsNginx',
  'cp shop.socket shop.service /etc/systemd/system/': 'copies',
  'systemctl enable --now shop.socket shop.service': 'startsUnits',
  'systemctl reload shop': 'reloads',
};

/** What a system has around a site of nginx. */
const NGINX_FRAME = `
daemon off; master_process off; pid FOLDER/nginx.pid; error_log stderr notice;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path FOLDER/body; fastcgi_temp_path FOLDER/fastcgi; proxy_temp_path FOLDER/proxy;
  uwsgi_temp_path FOLDER/uwsgi; scgi_temp_path FOLDER/scgi;
  SITE
}
`;

/** `...` in a line of its own stands for what the page leaves out. */
function assertSaid(said: string, output: string): void {
  if (!/^\.\.\.$/m.test(output)) {
    assert.equal(said.trimEnd(), output.trimEnd());
    return;
  }
  let from = 0;
  for (const part of output.split(/^\.\.\.\n/m)) {
    const at = said.indexOf(part, from);
    assert.ok(at !== -1 && (from > 0 || at === 0), `${said}\ndoes not have\n${part}`);
    from = at + part.length;
  }
}
