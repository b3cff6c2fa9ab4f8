// The FastCGI server as operators start it: by old inis, by a web server, and with what they get wrong; and fresh code while it serves.

import assert from 'node:assert/strict';
import { renameSync, statSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Command, write } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { FastCgiClient, type FastCgiRequest } from '../support/fastcgi-client.ts';
import { listener } from '../support/listener.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };

function appSaying(what: string): string {
  return `
    import { threadId } from 'node:worker_threads';
    export const makeApp = () => (environ, startResponse) => {
      startResponse('200 OK', []);
      return [Buffer.from(environ.PATH_INFO === '/thread' ? String(threadId) : ${JSON.stringify(what)})];
    };`;
}

/** An app and an ini with these lines in [server:main]. */
function site(lines: readonly string[], use = '@appserve/server#fastcgi'): TemporaryFolder {
  const folder = temporaryFolder();
  const ini = ['[app:main]', 'use = ./app.mjs#makeApp', '', '[server:main]', `use = ${use}`, ...lines, ''];
  write(folder, { 'app.mjs': appSaying('hello'), 'app.ini': ini.join('\n') });
  return folder;
}

function start(
  folder: TemporaryFolder,
  options: { readonly stdin?: number; readonly env?: Record<string, string> } = {},
): Command {
  return Command.appserve(['app.ini'], { cwd: folder.path, ...options });
}

async function clientOf(command: Command): Promise<FastCgiClient> {
  const url = await command.url();
  const at = url.startsWith('unix:') ? url.slice('unix:'.length) : Number(new URL(url).port);
  return FastCgiClient.connect(at);
}

async function ask(command: Command, request?: FastCgiRequest): Promise<string> {
  await using client = await clientOf(command);
  return (await client.ask(request)).body;
}

describe('an ini for gevent-fastcgi', TIMEOUT, () => {
  for (const use of [
    'egg:gevent_fastcgi#wsgi',
    'egg:gevent_fastcgi#wsgiref',
    'egg:gevent-fastcgi#fastcgi',
    '@appserve/server#wsgi',
  ]) {
    it(`is served as it stands: use = ${use}`, async () => {
      using folder = site(
        [
          'host = 127.0.0.1',
          'port = 0',
          'max_conns = 50000',
          'max_reqs = 500000',
          'num_workers = 2',
          'gevent.monkey.patch_thread = yes',
          'gevent.monkey.patch_time = no',
          'gevent.monkey.patch_socket = on',
          'gevent.monkey.patch_ssl = 1',
          'gevent.monkey.patch_all = yes',
        ],
        use,
      );
      await using command = start(folder);
      assert.match(await command.url(), /^fastcgi:\/\/127\.0\.0\.1:\d+$/);
      assert.match(command.stderr, /2 workers \(process\), FastCGI responder; ready in/);
      await using client = await clientOf(command);
      assert.equal((await client.ask()).body, 'hello');
      const values = await client.getValues(['FCGI_MAX_CONNS', 'FCGI_MAX_REQS']);
      assert.deepEqual(values, { FCGI_MAX_CONNS: '50000', FCGI_MAX_REQS: '500000' });
      const said = command.stderr.match(/INFO .*gevent\.monkey\.patch_all.*without effect/g);
      assert.equal(said?.length, 1, 'said once');
    });
  }

  it('may say socket and socket_mode', async () => {
    using folder = site(['socket = %(here)s/app.sock', 'socket_mode = 0600']);
    await using command = start(folder);
    assert.equal(await ask(command), 'hello');
    assert.equal(statSync(`${folder.path}/app.sock`).mode & 0o777, 0o600);
  });
});

describe('a FastCGI server that a web server starts', TIMEOUT, () => {
  it('listens on the socket that is its standard input', async () => {
    using folder = site(['num_workers = 2']);
    const { server, fd } = await listener({ port: 0, host: '127.0.0.1' });
    await using command = start(folder, { stdin: fd });
    await command.url();
    // What is left is the server's.
    server.close();
    assert.equal(await ask(command), 'hello');
    command.signal('SIGTERM');
    assert.deepEqual(await command.ending(), { code: 0, signal: null });
  });

  it('says that the socket on its standard input is not used where the ini says another place', async () => {
    using folder = site(['port = 0']);
    const { server, fd } = await listener({ port: 0, host: '127.0.0.1' });
    await using command = start(folder, { stdin: fd });
    await command.says(/WARN .*standard input is a listening socket, which is not used/);
    server.close();
    assert.equal(await ask(command), 'hello');
  });

  it('listens there on a unix socket too', async () => {
    using folder = site(['num_workers = 2']);
    const { server, fd } = await listener({ path: `${folder.path}/s` });
    await using command = start(folder, { stdin: fd });
    assert.equal(await command.url(), `unix:${folder.path}/s`);
    // Node takes the file away with its own server: under another name it stays.
    renameSync(`${folder.path}/s`, `${folder.path}/t`);
    server.close();
    await using client = await FastCgiClient.connect(`${folder.path}/t`);
    assert.equal((await client.ask()).body, 'hello');
  });

  it('lets in only whom FCGI_WEB_SERVER_ADDRS names', async () => {
    using folder = site(['port = 0']);
    await using command = start(folder, { env: { FCGI_WEB_SERVER_ADDRS: '192.0.2.1,192.0.2.2' } });
    await using client = await clientOf(command);
    await client.untilEnd();
    await command.says(/WARN .*web server 127\.0\.0\.1 is not let in: neither fastcgi_allow nor FCGI_WEB_SERVER_ADDRS names it/);
    await using friendly = start(folder, { env: { FCGI_WEB_SERVER_ADDRS: '192.0.2.1, 127.0.0.1' } });
    assert.equal(await ask(friendly), 'hello');
  });

  it('does not start with addresses that are none', async () => {
    using folder = site(['port = 0']);
    await using command = start(folder, { env: { FCGI_WEB_SERVER_ADDRS: 'localhost' } });
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.match(command.stderr, /FCGI_WEB_SERVER_ADDRS=localhost is no list of IPv4 addresses/);
  });
});

describe('an empty socket beside a host', TIMEOUT, () => {
  it('is one mistake', async () => {
    using folder = site(['socket =', 'host = 127.0.0.1']);
    await using command = start(folder);
    assert.deepEqual(await command.ending(), { code: 2, signal: null });
    assert.doesNotMatch(command.stderr, /socket is required/);
  });
});

describe('max_reqs', TIMEOUT, () => {
  it('is of the process: workers that are given connections share it, too', async () => {
    using folder = site(['port = 0', 'workers = 4', 'dispatch = balanced', 'max_reqs = 4']);
    const app = `export const makeApp = () => ({
      async cgi({ stdout, signal }) {
        await stdout.write('A: b\\n\\nheld');
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    });`;
    write(folder, { 'app.mjs': app });
    await using command = start(folder);
    const clients = await Promise.all(Array.from({ length: 12 }, () => clientOf(command)));
    const answers = await Promise.all(
      clients.map(async (client) => {
        await client.begin(1);
        return await client.untilStdout(1, (stdout) => /held$|^Status: 503/.test(stdout));
      }),
    );
    for (const client of clients) await client[Symbol.asyncDispose]();
    const held = answers.filter((answer) => answer.endsWith('held')).length;
    // A worker that was too busy to take a connection holds none.
    assert.ok(held >= 1 && held <= 4, `${held} are held`);
    assert.equal(answers.filter((answer) => answer.includes(' 503 ')).length, answers.length - held);
  });
});

describe('a mistake in the options of FastCGI', TIMEOUT, () => {
  const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['a role that there is not', ['role = server'], /app\.ini:6:1: role = server: must be one of responder, authorizer, filter/],
    [
      'no boolean for a function of gevent',
      ['gevent.monkey.patch_all = maybe'],
      /app\.ini:6:1: gevent\.monkey\.patch_all = maybe/,
    ],
    ['both names of a thing', ['workers = 1', 'num_workers = 1'], /app\.ini:7:1: workers and num_workers: .*keep workers/],
    ['two places', ['socket = a', 'port = 1'], /keep socket/],
    ['a decimal mode', ['socket_mode = 888'], /socket_mode = 888/],
    ['a mount that is no path', ['script_name = app'], /script_name = app: must be a path that begins with \//],
    ['an option of HTTP', ['max_reuse_count = 1'], /unknown option max_reuse_count/],
    ['a name for an address', ['fastcgi_allow = 127.0.0.1 localhost'], /app\.ini:6:1: fastcgi_allow = .*must be IP addresses/],
    ['a network for an address', ['fastcgi_allow = 10.0.0.0/8'], /app\.ini:6:1: fastcgi_allow = .*must be IP addresses/],
    ['no worker', ['num_workers = 0'], /num_workers = 0/],
    [
      'fewer requests than workers',
      ['workers = 4', 'max_reqs = 2'],
      /app\.ini:7:1: workers and max_reqs: .*max_reqs = 2 leaves some of 4 workers nothing to do/,
    ],
    [
      'fewer connections than workers',
      ['num_workers = 4', 'max_conns = 2'],
      /app\.ini:7:1: num_workers and max_conns: .*max_conns = 2 leaves some of 4 workers nothing to do/,
    ],
  ];
  for (const [what, lines, says] of mistakes) {
    it(`is told with its place: ${what}`, async () => {
      using folder = site(lines);
      await using command = start(folder);
      assert.deepEqual(await command.ending(), { code: 2, signal: null });
      assert.match(command.stderr, says);
    });
  }
});

/**
 * Asks without pause until it is stopped, as nginx does: a GET on a kept connection that closes instead of an answer is asked again on
 * a new one (ngx_http_upstream_next, `peer.cached`). Nothing in FastCGI lets a server say that it will close.
 */
class Crowd {
  readonly answers = new Map<string, number>();
  readonly failures: string[] = [];
  readonly #clients: Promise<void>[];
  #isOver = false;

  constructor(path: string, keepConn: boolean, count = 8) {
    this.#clients = Array.from({ length: count }, () => (keepConn ? this.#keep(path) : this.#connect(path)));
  }

  async #connect(path: string): Promise<void> {
    while (!this.#isOver) {
      await using client = await FastCgiClient.connect(path);
      await this.#ask(client, false);
    }
  }

  async #keep(path: string): Promise<void> {
    let isAgain = false;
    while (!this.#isOver) {
      await using client = await FastCgiClient.connect(path);
      let asked = 0;
      for (; !this.#isOver && !client.isEnded; asked += 1) isAgain = !(await this.#ask(client, true, asked > 0 && !isAgain));
    }
  }

  /** False: it is to be asked again. */
  async #ask(client: FastCgiClient, keepConn: boolean, mayFail = false): Promise<boolean> {
    try {
      const { body } = await client.ask({ keepConn });
      this.answers.set(body, (this.answers.get(body) ?? 0) + 1);
    } catch (error) {
      if (mayFail) return false;
      this.failures.push(String(error));
    }
    return true;
  }

  async hears(text: string): Promise<void> {
    const before = this.answers.get(text) ?? 0;
    await eventually(`more of ${text}`, () => (this.answers.get(text) ?? 0) >= before + 200);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }
}

describe('SIGHUP', TIMEOUT, () => {
  for (const keepConn of [false, true]) {
    it(`brings fresh code, and no request fails, ${keepConn ? 'with' : 'without'} FCGI_KEEP_CONN`, async () => {
      using folder = site(['socket = %(here)s/app.sock', 'num_workers = 2']);
      await using command = start(folder);
      await command.url();
      const crowd = new Crowd(`${folder.path}/app.sock`, keepConn);
      await crowd.hears('hello');
      for (const text of ['new', 'newer']) {
        write(folder, { 'app.mjs': appSaying(text) });
        command.signal('SIGHUP');
        await crowd.hears(text);
      }
      await crowd.stop();
      assert.deepEqual(crowd.failures, []);
      await command.says(/reloaded: new workers are ready/, 2);
    });
  }

  it('reads the options of FastCGI again', async () => {
    using folder = site(['socket = %(here)s/app.sock', 'num_workers = 1', 'max_conns = 5']);
    await using command = start(folder);
    assert.equal(await ask(command), 'hello');
    const ini = ['[app:main]', 'use = ./app.mjs#makeApp', '[server:main]', 'use = @appserve/server#fastcgi'];
    write(folder, { 'app.ini': [...ini, 'socket = %(here)s/app.sock', 'num_workers = 1', 'max_conns = 7', ''].join('\n') });
    command.signal('SIGHUP');
    await command.says(/reloaded/);
    // An old worker may take one more connection before it hears that it should not.
    for (let told = ''; told !== '7';) {
      await using client = await clientOf(command);
      told = (await client.getValues(['FCGI_MAX_CONNS']))['FCGI_MAX_CONNS']!;
      assert.match(told, /^[57]$/);
    }
  });
});
