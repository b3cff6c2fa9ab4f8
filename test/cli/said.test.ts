// What the command line and the environment say to the server, and who wins.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from '../support/command.ts';
import { folderWith } from '../support/packages.ts';
import { linkPackages } from '../support/temporary.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };

const SITE = {
  'app.mjs': `export const make = (globalConf, settings) => () => new Response(JSON.stringify(settings));
export const app = () => new Response('an app');
export const two = 2;
export class Shop {}
`,
  'foreign.mjs': `export const server = (globalConf, settings) => { throw new Error(JSON.stringify(settings)); };\n`,
  'site.ini': `[DEFAULT]
http_port = 8080
[app:main]
use = ./app.mjs#make
a.b = 1
[app:main.a]
use = ./app.mjs#make
[server:main]
use = @appserve/server#main
socket = 127.0.0.1:%(http_port)s
workers = 2
date = false
[server:fcgi]
use = @appserve/server#fastcgi
[server:foreign]
use = ./foreign.mjs#server
colour = red
`,
} as const;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function appserve(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  using folder = folderWith(SITE);
  linkPackages(folder);
  await using command = Command.appserve(args, { cwd: folder.path, env });
  const { code } = await command.ending();
  return { code, stdout: command.stdout, stderr: command.stderr };
}

/** What `appserve config` says of some keys of `[server:main]`: value and origin. */
async function settled(
  keys: readonly string[],
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const { code, stdout, stderr } = await appserve(['config', 'site.ini', '--json', ...args], env);
  assert.equal(code, 0, stderr);
  const section = (JSON.parse(stdout) as Record<string, Record<string, { value: string; origin: string }>>)['server:main']!;
  return Object.fromEntries(keys.map((key) => [key, section[key] && [section[key].value, section[key].origin]]));
}

describe('an option of the server', TIMEOUT, () => {
  const KEYS = ['workers'];

  it('is what the default says, the file over that, the environment over that, the command line over all', async () => {
    assert.deepEqual(await settled(['backlog'], []), { backlog: ['1024', 'default'] });
    assert.deepEqual(await settled(KEYS, []), { workers: ['2', 'site.ini:11'] });
    const env = { APPSERVE_WORKERS: '3' };
    assert.deepEqual(await settled(KEYS, [], env), { workers: ['3', 'APPSERVE_WORKERS'] });
    assert.deepEqual(await settled(KEYS, ['--workers', '4'], env), { workers: ['4', '--workers'] });
    assert.deepEqual(await settled(KEYS, ['--workers=4', '--workers', '5']), { workers: ['5', '--workers'] });
  });

  it('that is true or false may stand alone, be denied, or have its value', async () => {
    const flags = ['--date', '--no-via', '--server-header=yes', '--light-fetch=false'];
    assert.deepEqual(await settled(['date', 'via', 'server_header', 'light_fetch'], flags), {
      date: ['true', '--date'],
      via: ['false', '--no-via'],
      server_header: ['yes', '--server-header'],
      light_fetch: ['false', '--light-fetch'],
    });
  });

  it('takes the place of another spelling in the file, and not of one beside it', async () => {
    assert.deepEqual(await settled(['socket', 'port'], ['--port', '81']), { socket: undefined, port: ['81', '--port'] });
    assert.deepEqual(await settled(['workers', 'num_workers'], [], { APPSERVE_NUM_WORKERS: '3' }), {
      workers: undefined,
      num_workers: ['3', 'APPSERVE_NUM_WORKERS'],
    });
    const { code, stderr } = await appserve(['check', 'site.ini', '--port', '81', '--socket', ':82']);
    assert.equal(code, 2, stderr);
  });

  it('is told to the server that has it', async () => {
    const { stdout } = await appserve(['config', 'site.ini', '--server-name', 'fcgi', '--max-conns', '7', '--json']);
    assert.deepEqual((JSON.parse(stdout) as Record<string, Record<string, unknown>>)['server:fcgi']!['max_conns'], {
      value: '7',
      origin: '--max-conns',
    });
    const wrong = await appserve(['site.ini', '--max-conns', '7']);
    assert.deepEqual([wrong.code, wrong.stderr], [2, 'appserve: unknown option --max-conns\n  in [server:main] site.ini:8\n']);
  });

  it('is not told by the environment to a server that has no such option', async () => {
    assert.deepEqual(await settled(KEYS, [], { APPSERVE_MAX_CONNS: '7' }), { workers: ['2', 'site.ini:11'] });
    const { stderr } = await appserve(['site.ini', '--server-name', 'foreign', '--backlog', '7', '-v'], {
      APPSERVE_WORKERS: '3',
    });
    assert.match(stderr, /\{"colour":"red","backlog":"7"\}/);
  });

  it('in the environment may be empty, or be of somebody else', async () => {
    const env = { APPSERVE_WORKERS: '', APPSERVE_PORT_8080_TCP_ADDR: '10.0.0.1', APPSERVE_SERVICE_HOST: '10.0.0.1' };
    assert.deepEqual(await settled(KEYS, [], env), { workers: ['2', 'site.ini:11'] });
  });

  for (const [name, args, env, says] of [
    [
      'a flag',
      ['--keepalive-timeout', 'soon'],
      {},
      'appserve: --keepalive-timeout soon: must be a time such as 30, 30s, 500ms or 2m, at least 1ms\n  in [server:main] site.ini:8\n',
    ],
    [
      'a variable',
      [],
      { APPSERVE_PORT: 'tcp://10.0.0.1:80' },
      'appserve: APPSERVE_PORT=tcp://10.0.0.1:80: must be a whole number from 0 to 65535\n  in [server:main] site.ini:8\n',
    ],
    [
      'what --set says',
      ['--set', 'server:main.workers=two'],
      {},
      'appserve: --set server:main.workers=two: must be a whole number from 1 to 1024 or auto\n  in [server:main] site.ini:8\n',
    ],
    [
      'a flag that takes no value',
      ['--no-date=yes'],
      {},
      'appserve: --no-date: takes no value\n  appserve --help lists what the command takes\n',
    ],
  ] as const) {
    it(`is named as it was said where it is wrong: ${name}`, async () => {
      const { code, stderr } = await appserve(['site.ini', ...args], env);
      assert.deepEqual([code, stderr], [2, says]);
    });
  }

  it('names all that is wrong at once', async () => {
    const { stderr } = await appserve(['site.ini', '--workers', '0', '--backlog', '0']);
    assert.match(stderr, /--backlog 0: must/);
    assert.match(stderr, /--workers 0: must/);
  });
});

/** What the app is told with these. */
async function asked(...sets: readonly string[]): Promise<unknown> {
  const flags = sets.flatMap((set) => ['--set', set]);
  const { code, stdout, stderr } = await appserve(['request', 'site.ini', '/', ...flags]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

describe('--set', TIMEOUT, () => {
  it('says what a key is, as it is written, in the longest section that is there', async () => {
    assert.deepEqual(await asked(), { 'a.b': '1' });
    assert.deepEqual(await asked('app:main.a.b=%(x)s 50%', 'app:main.new='), { 'a.b': '1', new: '' });
    assert.deepEqual(await asked('app:main.c.d=%(x)s 50%=50'), { 'a.b': '1', 'c.d': '%(x)s 50%=50' });
  });

  it('says what [DEFAULT] says', async () => {
    const { stdout } = await appserve(['config', 'site.ini', '--set', 'DEFAULT.http_port=81', '--json']);
    const config = JSON.parse(stdout) as Record<string, Record<string, object>>;
    assert.deepEqual(config['DEFAULT']!['http_port'], { value: '81', origin: '--set DEFAULT.http_port' });
    assert.deepEqual(config['server:main']!['socket'], { value: '127.0.0.1:81', origin: 'site.ini:10' });
  });

  it('says what is used', async () => {
    const { stdout, stderr } = await appserve(['request', 'site.ini', '/', '--set', 'app:main.use=./app.mjs#nope']);
    assert.equal(stdout, '');
    assert.match(stderr, /app\.mjs does not export nope[^]*in --set app:main\.use\n/);
  });

  for (const [set, guess] of [
    ['app:mian.debug', 'app:main.debug'],
    ['main.debug', 'app:main.debug or server:main.debug'],
    ['foreing.colour', 'server:foreign.colour'],
    ['servr.port', 'server:main.port, server:fcgi.port or server:foreign.port'],
    ['DEFALT.x', 'DEFAULT.x'],
    ['server:main.prot', '--set server:main.port'],
  ] as const) {
    it(`says what may have been meant by ${set}`, async () => {
      const { code, stdout } = await appserve(['check', 'site.ini', '--set', `${set}=1`]);
      assert.equal(code, 2, stdout);
      assert.match(stdout, new RegExp(`^  did you mean ${guess}\\?$`, 'm'));
    });
  }

  it('shows all sections where none is like it', async () => {
    const { stdout } = await appserve(['check', 'site.ini', '--set', 'unheard.of=1']);
    assert.match(stdout, /^ {2}there is DEFAULT, app:main, app:main\.a, server:main, /m);
  });

  for (const [set, says] of [
    ['nothing', '--set nothing: it is --set SECTION.KEY=VALUE'],
    ['workers=3', '--set workers=3: it is --set SECTION.KEY=VALUE'],
    ['ap:main.x=1', '--set ap:main.x: site.ini has no section that this begins with'],
    ['app:main.=1', '--set app:main.: site.ini has no section that this begins with'],
  ]) {
    it(`refuses ${set}`, async () => {
      const { code, stderr } = await appserve(['site.ini', '--set', set!]);
      assert.equal(code, 2);
      assert.ok(stderr.startsWith(`appserve: ${says!}`), stderr);
    });
  }
});

describe('-s', TIMEOUT, () => {
  it('serves with another server, without what the section says', async () => {
    const { stderr } = await appserve(['site.ini', '-s', './foreign.mjs#server', '--set', 'DEFAULT.x=1']);
    assert.match(stderr, /foreign\.mjs#server failed: \{\}/);
  });

  it('is no second way to name a section', async () => {
    const { code, stderr } = await appserve(['site.ini', '-s', '@appserve/server#main', '--server-name', 'fcgi']);
    assert.equal(code, 2);
    assert.match(stderr, /^appserve: --server-name: --server takes the place of what a section says/);
  });
});

describe('an app without a configuration', TIMEOUT, () => {
  it('is served with keep-alive, where it is said', async () => {
    using folder = folderWith(SITE);
    linkPackages(folder);
    await using command = Command.appserve(['./app.mjs#app', '0', '--workers', '2'], { cwd: folder.path });
    assert.equal((await command.get('/'))?.body, 'an app');
    assert.match(command.stderr, /: \.\/app\.mjs#app\n {2}http:\/\/127\.0\.0\.1:\d+\n {2}2 workers, keep-alive 60 s; ready/);
  });

  it('is served on a unix socket, by a name as Python has it', async () => {
    using folder = folderWith({ 'shop/web.mjs': SITE['app.mjs'] });
    linkPackages(folder);
    await using command = Command.appserve(['shop.web:app', `unix:${folder.path}/s`], { cwd: folder.path });
    assert.equal((await command.get('/'))?.body, 'an app');
  });

  for (const [args, says] of [
    [['./app.mjs#ap', '0'], /app\.mjs does not export ap\n {2}did you mean app\?/],
    [
      ['./app.mjs#two', '0'],
      /app\.mjs#two cannot be served: this is no app: [^]*put brackets behind it: \.\/app\.js#makeApp\(\)/,
    ],
    [['./app.mjs#two()', '0'], /app\.mjs#two is a number, not a function/],
    [['./nowhere.mjs#app', '0'], /there is no module \S+nowhere\.mjs/],
    [['nopkg:app', '0'], /there is no package nopkg/],
    [['nopkg#main', '0'], /there is no package nopkg/],
    [['./app.mjs#app', 'x:y'], /x:y/],
    [['./app.mjs#app', '-n', 'x'], /--app-name: \.\/app\.mjs#app is no configuration, and has no sections/],
    [['./app.mjs#app', '--set', 'a.b=c'], /--set: \.\/app\.mjs#app is no configuration/],
    [['./app.mjs#app', 'debug=1'], /debug=: \.\/app\.mjs#app is no configuration, and takes no variables/],
    [['site.ini', '8000'], /8000: after the configuration file come assignments, name=value/],
    [['check', './app.mjs#app'], /\.\/app\.mjs#app: is an app without a configuration/],
  ] as const) {
    it(`says what is wrong: ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await appserve(args);
      assert.ok(code === 1 || code === 2, String(code));
      assert.match(stdout + stderr, says);
    });
  }
});
