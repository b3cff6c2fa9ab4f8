// web-server.ts: a web server of Debian in front of a FastCGI application, with the configuration that docs/guide/fastcgi.md shows; or
// with another one, in front of whatever that names.
//
// The page is where a configuration is written; here stands only what a test changes in it (a port, a socket), and the frame that
// a system has around it (where files are, who it runs as). What the page no longer says fails here.

import { chmodSync, mkdirSync } from 'node:fs';
import { Command, write } from './command.ts';
import { freePort } from '../../bench/free-port.ts';
import { readGuide } from './guide.ts';
import { demand, WITH_SBIN } from './programs.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary.ts';

export const WEB_SERVERS = ['nginx', 'lighttpd', 'apache2'] as const;
export type WebServerName = (typeof WEB_SERVERS)[number];

/** Those that are started with a configuration from elsewhere, too. */
export type FrontName = WebServerName | 'haproxy';

/** A unix socket or a port of 127.0.0.1. */
export type Place = string | number;

export type Replacement = readonly [from: string, to: string];

interface Program {
  /** What it says when it listens. */
  readonly ready: RegExp;
  readonly options: (file: string, folder: string) => readonly string[];
  /** What it says when somebody else listens there. */
  readonly inUse: RegExp;
}

const PROGRAMS: Readonly<Record<FrontName, Program>> = {
  nginx: {
    // Its sockets are open by then.
    ready: /using the "\w+" event method/,
    options: (file, folder) => ['-p', folder, '-e', 'stderr', '-c', file],
    inUse: /in use/i,
  },
  lighttpd: { ready: /server started/, options: (file) => ['-D', '-f', file], inUse: /in use/i },
  apache2: {
    // Its only worker says it; the sockets are open by then.
    ready: /Using \w+ \(wakeable\)/,
    // One process, as the others have it.
    options: (file) => ['-X', '-f', file],
    inUse: /in use/i,
  },
  // A master, which says something, and one worker, whose sockets are open by then.
  haproxy: { ready: /Loading success/, options: (file) => ['-W', '-db', '-f', file], inUse: /cannot bind socket/i },
};

interface Kind {
  /** The language of its fence in the page. */
  readonly language: string;
  /** The whole configuration, from what the page has. */
  readonly frame: (site: string, folder: string) => string;
  readonly listen: (port: number) => readonly Replacement[];
  readonly connect: (to: Place) => readonly Replacement[];
  /** So that each request costs a connection. Nothing where it does anyway. */
  readonly closes: readonly Replacement[];
}

/** In the page. */
const PORT = '8080';
const SOCKET = '/run/site/fastcgi.sock';

const isRoot = process.getuid?.() === 0;

/** One process with threads, and these modules of Debian's. */
export function apacheFrame(site: string, folder: string, modules: readonly string[]): string {
  return `
      ServerRoot ${folder}
      PidFile ${folder}/apache.pid
      DefaultRuntimeDir ${folder}
      Mutex file:${folder} default
      ErrorLog /dev/stderr
      LogLevel notice mpm_event:debug
      DocumentRoot ${folder}/public
      ServerLimit 1
      StartServers 1
      ThreadsPerChild 64
      MaxRequestWorkers 64
      ${isRoot ? 'User www-data\nGroup www-data' : ''}
      ${['mpm_event', ...modules].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
      ${site}`;
}

const KINDS: Readonly<Record<WebServerName, Kind>> = {
  nginx: {
    language: 'nginx',
    // One process, which is easier to end; it stays who it is.
    frame: (site, folder) => `
      daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr notice;
      events { worker_connections 512; }
      http {
        access_log off;
        client_body_temp_path ${folder}/body; fastcgi_temp_path ${folder}/fastcgi; proxy_temp_path ${folder}/proxy;
        uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
        ${site}
      }`,
    listen: (port) => [[`listen 127.0.0.1:${PORT};`, `listen 127.0.0.1:${port};`]],
    connect: (to) => [[`server unix:${SOCKET};`, typeof to === 'string' ? `server unix:${to};` : `server 127.0.0.1:${to};`]],
    closes: [
      ['keepalive 8;', ''],
      ['fastcgi_keep_conn on;', ''],
    ],
  },
  lighttpd: {
    language: 'lighttpd',
    frame: (site, folder) => `${replaceAll(site, [['"/var/www/html"', `"${folder}/public"`]])}
      server.upload-dirs = ("${folder}")
      mimetype.assign = (".txt" => "text/plain")`,
    listen: (port) => [[`server.port = ${PORT}`, `server.port = ${port}`]],
    connect: (to) => [
      [`"socket" => "${SOCKET}",`, typeof to === 'string' ? `"socket" => "${to}",` : `"host" => "127.0.0.1", "port" => ${to},`],
    ],
    closes: [],
  },
  apache2: {
    language: 'apache',
    frame: (site, folder) =>
      apacheFrame(site, folder, ['authn_core', 'authz_core', 'authz_user', 'auth_basic', 'authnz_fcgi', 'proxy', 'proxy_fcgi']),
    listen: (port) => [[`Listen 127.0.0.1:${PORT}`, `Listen 127.0.0.1:${port}`]],
    connect: (to) =>
      typeof to === 'string'
        ? [[`"unix:${SOCKET}|`, `"unix:${to}|`]]
        : ['shop', 'live', 'site'].map((name) => [`"unix:${SOCKET}|fcgi://${name}/`, `"fcgi://127.0.0.1:${to}/`]),
    closes: [['enablereuse=on', 'enablereuse=off']],
  },
};

/** What the page writes for it. */
function configurationOf(name: WebServerName, file: string): string {
  const fences = readGuide('docs/guide/fastcgi.md').chapters.flatMap((chapter) => chapter.fences);
  return fences.find(({ language, info }) => language === KINDS[name].language && info === file)!.text;
}

/** Each of them must be there. */
export function replaceAll(text: string, replacements: readonly Replacement[]): string {
  return replacements.reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`this is not in the configuration any more: ${from}`);
    return before.replaceAll(from, to);
  }, text);
}

/** How the page writes the lines that lead to the application, over TCP. */
export function connectingLines(name: WebServerName, to: Place): readonly string[] {
  return KINDS[name].connect(to).map(([, line]) => line);
}

export interface WebServerOptions {
  /** Where the application is, for a configuration that has the socket of the page. */
  readonly to?: Place;
  readonly keepsConnections?: boolean;
  /** Which configuration of the page; site.conf when left out. */
  readonly file?: string;
  /** What else is different here. */
  readonly changes?: readonly Replacement[];
}

/** A port that somebody takes first is nobody's mistake. */
const ATTEMPTS = 3;
const LIFETIME_MS = 230_000;

export class WebServer<Name extends FrontName = WebServerName> implements AsyncDisposable {
  readonly name: Name;
  readonly port: number;
  /** What it says goes to its log of errors. */
  readonly process: Command;
  readonly #folder: TemporaryFolder;

  private constructor(name: Name, port: number, process: Command, folder: TemporaryFolder) {
    this.name = name;
    this.port = port;
    this.process = process;
    this.#folder = folder;
  }

  /** With the configuration of the page. */
  static async start(name: WebServerName, options: WebServerOptions): Promise<WebServer> {
    const { to, keepsConnections = true, file = 'site.conf', changes = [] } = options;
    const { listen, connect, closes, frame } = KINDS[name];
    const text = configurationOf(name, file);
    const all = [...(to === undefined ? [] : connect(to)), ...(keepsConnections ? [] : closes), ...changes];
    return WebServer.startWith(name, (port, folder) => frame(replaceAll(text, [...listen(port), ...all]), folder));
  }

  /** With another one. */
  static async startWith<Name extends FrontName>(
    name: Name,
    configure: (port: number, folder: string) => string,
  ): Promise<WebServer<Name>> {
    demand(name);
    for (let attempt = 1; ; attempt += 1) {
      const server = this.#spawn(name, configure, await freePort());
      try {
        await server.process.says(PROGRAMS[name].ready);
        return server;
      } catch (error) {
        await server[Symbol.asyncDispose]();
        if (attempt === ATTEMPTS || !PROGRAMS[name].inUse.test(server.process.stderr)) throw error;
      }
    }
  }

  static #spawn<Name extends FrontName>(
    name: Name,
    configure: (port: number, folder: string) => string,
    port: number,
  ): WebServer<Name> {
    const folder = temporaryFolder();
    // Whoever root lets it become must find its files.
    chmodSync(folder.path, 0o755);
    mkdirSync(`${folder.path}/public`);
    write(folder, { 'server.conf': configure(port, folder.path) });
    const options = PROGRAMS[name].options(`${folder.path}/server.conf`, folder.path);
    // Apache opens /dev/stderr, which works with a pipe; what Node gives its children is a socket. HAProxy ends when all its children
    // have, and the pipe has one.
    const shell = ['bash', '-c', 'exec "$0" "$@" 2> >(exec cat >&2)'];
    const [program, ...args] = [...(name === 'haproxy' ? [] : shell), name, ...options];
    const command = Command.program(program!, args, {
      cwd: folder.path,
      env: { PATH: WITH_SBIN.PATH },
      lifetimeMs: LIFETIME_MS,
    });
    return new WebServer(name, port, command, folder);
  }

  /** What it serves itself. */
  get publicFolder(): string {
    return `${this.#folder.path}/public`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // All of them take their children along.
    this.process.signal('SIGTERM');
    await this.process.ending();
    this.#folder[Symbol.dispose]();
  }
}
