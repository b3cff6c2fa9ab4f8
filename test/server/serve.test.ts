// serve(): a server from a script. The scripts are real, and so are their processes.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { serve } from '@appserve/server';
import { Command, connectTo, write } from '../support/command.ts';
import { linkPackages, temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 2 };

interface Script extends AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly command: Command;
}

interface RunOptions {
  readonly args?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

/** `node ARGS`, which are NAME when left out, in a folder where that script is, with these lines, and these files. */
function run(name: string, lines: readonly string[], { args = [name], files = {} }: RunOptions = {}): Script {
  const folder = temporaryFolder();
  linkPackages(folder);
  write(folder, { ...files, [name]: lines.join('\n') });
  const command = Command.node(args, { cwd: folder.path });
  return {
    folder,
    command,
    [Symbol.asyncDispose]: async () => {
      await command[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const IMPORTS = [
  "import { isMainThread, threadId } from 'node:worker_threads';",
  "import { serve } from '@appserve/server';",
  'const app = (environ, startResponse) => {',
  "  startResponse('200 OK', []);",
  '  return [Buffer.from(`${environ.PATH_INFO} ${isMainThread}`)];',
  '};',
];

/** Another one that has an app. */
const MODULE = [...IMPORTS, 'await serve(app, {});'].join('\n');

describe('serve() in a script', TIMEOUT, () => {
  it('serves the app in workers, which import the script again', async () => {
    await using script = run('script.mjs', [
      ...IMPORTS,
      "console.error(isMainThread ? 'imported in the main thread' : 'imported in a worker');",
      "await serve(app, '127.0.0.1:0', 2);",
    ]);
    assert.equal((await script.command.get('/hello'))?.body, '/hello false');
    await script.command.says(/^imported in a worker$/m, 2);
    assert.equal(script.command.stderr.match(/^imported/gm)?.length, 3);
  });

  it('goes on behind the call in the main thread only', async () => {
    await using script = run('script.mjs', [
      ...IMPORTS,
      "const server = await serve(app, '127.0.0.1:0', 2);",
      'console.error(`behind the call: ${isMainThread} ${server.url} ${server.addresses[0].port}`);',
    ]);
    const url = await script.command.url();
    await script.command.says(new RegExp(`^behind the call: true ${url} ${new URL(url).port}$`, 'm'));
    assert.equal(script.command.stderr.match(/behind/g)?.length, 1);
  });

  it('names the script in its banner', async () => {
    await using script = run('script.mjs', [...IMPORTS, "await serve(app, '127.0.0.1:0');"]);
    await script.command.url();
    const [first] = script.command.stderr.split('\n') as [string];
    assert.equal(
      first.replace(/pid \d+/, 'pid N'),
      `appserve 0.1.0, pid N: ${pathToFileURL(script.folder.path).href}/script.mjs`,
    );
  });

  it('takes the options of the ini in camelCase with their units', async () => {
    await using script = run('script.mjs', [
      ...IMPORTS,
      "await serve(app, { socket: ['127.0.0.1:0'], workers: 1, maxReuseCount: 7, keepaliveTimeoutMs: 5_000, serverHeader: true });",
    ]);
    await using client = await script.command.client();
    await script.command.says(/^ {2}1 worker, keep-alive 5 s; ready/m);
    await client.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    assert.match((await client.response())!.head, /\r\nServer: appserve\r\n/);
  });

  it('takes their text, as the ini has it', async () => {
    await using script = run('script.mjs', [
      ...IMPORTS,
      "await serve(app, { host: '127.0.0.1', port: '0', maxReuseCount: 'unlimited', keepaliveTimeoutMs: '2m' }, 3);",
    ]);
    await script.command.says(/^ {2}3 workers, keep-alive 120 s; ready/m);
  });

  it('is several servers where it is called several times', async () => {
    await using script = run('script.mjs', [
      ...IMPORTS,
      'const answer = (text) => () => new Response(text);',
      "await Promise.all([serve(answer('first'), '127.0.0.1:0'), serve(answer('second'), '127.0.0.1:0')]);",
    ]);
    await script.command.says(/; ready in/, 2);
    const urls = Array.from(script.command.stderr.matchAll(/^ {2}(http:\S+)$/gm), ([, url]) => url!);
    const bodies: (string | undefined)[] = [];
    for (const url of urls) {
      await using client = await connectTo(url);
      await client.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
      bodies.push((await client.response())?.body);
    }
    assert.deepEqual(new Set(bodies), new Set(['first', 'second']));
  });

  it('is several servers where it is called one after the other', async () => {
    await using script = run('script.mjs', [
      ...IMPORTS,
      "const first = await serve(app, '127.0.0.1:0');",
      "const second = await serve(app, '127.0.0.1:0');",
      'console.error(`both serve: ${first.url !== second.url}`);',
    ]);
    await script.command.says(/^both serve: true$/m);
  });

  it('may be called again when it has failed', async () => {
    await using script = run('script.mjs', [
      ...IMPORTS,
      "await serve(app, '192.0.2.1:0').catch(() => serve(app, '127.0.0.1:0'));",
    ]);
    assert.equal((await script.command.get('/second'))?.body, '/second false');
  });

  it('may be called again for another module', async () => {
    const lines = [
      ...IMPORTS,
      "for (const name of ['one', 'two']) {",
      '  const module = new URL(`${name}.mjs`, import.meta.url).href;',
      "  const server = await serve(app, { socket: '127.0.0.1:0', module });",
      '  console.log((await fetch(server.url)).status);',
      '  await server.close();',
      '}',
    ];
    await using script = run('script.mjs', lines, { files: { 'one.mjs': MODULE, 'two.mjs': MODULE } });
    await script.command.ending();
    assert.equal(script.command.stdout, '200\n200\n');
  });

  it('may be called several times for one other module', async () => {
    const lines = [
      ...IMPORTS,
      "const module = new URL('one.mjs', import.meta.url).href;",
      "for (const path of ['/1', '/2']) {",
      "  const server = await serve(app, { socket: '127.0.0.1:0', module });",
      '  console.log(await (await fetch(server.url + path)).text());',
      '  await server.close();',
      '}',
    ];
    await using script = run('script.mjs', lines, { files: { 'one.mjs': MODULE } });
    await script.command.ending();
    assert.equal(script.command.stdout, '/1 false\n/2 false\n');
  });

  it('may be called later than the script is read', async () => {
    await using script = run('script.mjs', [
      ...IMPORTS,
      'async function main() {',
      '  await new Promise((resolve) => setImmediate(resolve));',
      "  await serve(app, '127.0.0.1:0');",
      '}',
      'main();',
    ]);
    assert.equal((await script.command.get('/later'))?.body, '/later false');
  });

  it('works from CommonJS that imports it', async () => {
    await using script = run('script.cjs', [
      'async function main() {',
      "  const { serve } = await import('@appserve/server');",
      "  await serve(() => new Response('hello'), '127.0.0.1:0');",
      '}',
      'main();',
    ]);
    assert.equal((await script.command.get('/'))?.body, 'hello');
  });

  it('finds the script as Node did: node script', async () => {
    await using script = run(
      'script.js',
      ["const { serve } = require('@appserve/server');", "serve(() => new Response('hello'), '127.0.0.1:0');"],
      { args: ['script'] },
    );
    assert.equal((await script.command.get('/'))?.body, 'hello');
  });

  it('works from CommonJS', async () => {
    await using script = run('script.cjs', [
      "const { serve } = require('@appserve/server');",
      "serve(() => new Response('hello'), '127.0.0.1:0');",
    ]);
    assert.equal((await script.command.get('/'))?.body, 'hello');
  });

  it('gives workers the arguments of the script', async () => {
    await using script = run(
      'script.mjs',
      [...IMPORTS, 'const args = process.argv.slice(2).join();', "await serve(() => new Response(args), '127.0.0.1:0');"],
      { args: ['script.mjs', 'one', '--two'] },
    );
    assert.equal((await script.command.get('/'))?.body, 'one,--two');
  });

  it('is ended by a signal, without a complaint', async () => {
    await using script = run('script.mjs', [...IMPORTS, "await serve(app, '127.0.0.1:0');"]);
    await script.command.url();
    script.command.signal('SIGTERM');
    assert.deepEqual(await script.command.ending(), { code: 0, signal: null });
  });

  it('is ended by the script, which then ends of itself', async () => {
    await using script = run('script.mjs', [
      ...IMPORTS,
      "const server = await serve(app, '127.0.0.1:0', 2);",
      'const answer = await fetch(`${server.url}/asked`);',
      'console.log(await answer.text());',
      'await server.close();',
      'await server.closed;',
      'console.log(await fetch(server.url).catch((error) => error.cause.code));',
      "console.log(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM'));",
    ]);
    assert.deepEqual(await script.command.ending(), { code: 0, signal: null });
    assert.equal(script.command.stdout, '/asked false\nECONNREFUSED\n0\n');
  });
});

/** Scripts that end with what serve() threw at them. */
const FAILING: readonly (readonly [what: string, lines: readonly string[], said: RegExp])[] = [
  [
    'an option that there is not',
    [...IMPORTS, "await serve(app, { socket: '127.0.0.1:0', keepAlive: 7 });"],
    /Fault: unknown option keepAlive\n/,
  ],
  [
    'a value that is not allowed',
    [...IMPORTS, "await serve(app, { socket: '127.0.0.1:0', maxReuseCount: -1 });"],
    /Fault: maxReuseCount = -1: must be a whole number or unlimited\n/,
  ],
  [
    'two addresses in two spellings',
    [...IMPORTS, "await serve(app, { socket: '127.0.0.1:0', port: 8080 });"],
    /Fault: socket and port: two spellings of one thing; keep socket\n/,
  ],
  ['an address that is none', [...IMPORTS, "await serve(app, '8080');"], /Fault: socket = 8080: must be host:port, /],
  ['no address', [...IMPORTS, 'await serve(app, {});'], /Fault: socket is required: /],
  [
    'a script that does not call it in its workers',
    [...IMPORTS, "if (isMainThread) await serve(app, '127.0.0.1:0');"],
    /Fault: worker-1 could not load the app: file:\S+\/script\.mjs did not call serve\(\) in its worker\n/,
  ],
  [
    'a script that fails in its workers',
    [...IMPORTS, "if (!isMainThread) throw new Error('only here');", "await serve(app, '127.0.0.1:0');"],
    /Fault: worker-1 could not load the app: only here\n/,
  ],
  [
    'what is no app',
    [...IMPORTS, "await serve({ app }, '127.0.0.1:0');"],
    /Fault: worker-1 could not load the app: this is no app: an object\n/,
  ],
];

describe('serve() rejects', TIMEOUT, () => {
  for (const [what, lines, said] of FAILING) {
    it(`${what}, and nothing keeps the process`, async () => {
      await using script = run('script.mjs', lines);
      assert.deepEqual(await script.command.ending(), { code: 1, signal: null });
      assert.match(script.command.stderr, said);
    });
  }

  it('where there is no script', async () => {
    const lines = [...IMPORTS, "await serve(app, '127.0.0.1:0').catch((error) => console.log(error.code, error.hint));"];
    await using script = run('unused.mjs', [], { args: ['--input-type=module', '-e', lines.join('\n')] });
    assert.deepEqual(await script.command.ending(), { code: 0, signal: null });
    assert.equal(script.command.stdout, 'SCRIPT_UNKNOWN pass module: import.meta.url\n');
  });
});

describe('the handle of a server', TIMEOUT, () => {
  it('knows where it serves, and ends it with its scope', async () => {
    using folder = temporaryFolder();
    linkPackages(folder);
    write(folder, { 'script.mjs': [...IMPORTS, 'await serve(app, {});'].join('\n') });
    const module = pathToFileURL(`${folder.path}/script.mjs`).href;
    let closed: Promise<void>;
    let url: string;
    {
      await using server = await serve(() => new Response(), { socket: '127.0.0.1:0', module, logLevel: 'error' });
      ({ closed, url } = server);
      assert.deepEqual(server.addresses, [{ type: 'tcp', host: '127.0.0.1', port: Number(new URL(url).port) }]);
      const answer = await fetch(`${url}/hello`);
      assert.equal(await answer.text(), '/hello false');
    }
    await closed;
    await assert.rejects(connectTo(url), { code: 'ECONNREFUSED' });
  });
});
