// The commands that say what a configuration means, without serving it: check, config, graph, options. What the guide shows is played by
// test/house/cli-guide.test.ts; here is what it has no room for.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from '../support/command.ts';
import { folderWith, type Tree } from '../support/packages.ts';
import { linkPackages } from '../support/temporary.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };

const FILES: Tree = {
  'app.mjs': `export const make = () => () => new Response();
export const other = 1;
`,
  'bad.mjs': `throw new Error('not today');\n`,
  'mounts.mjs': `export const mounts = async (loader, globalConf, settings) => loader.getApp(Object.values(settings)[0]);\n`,
  'base.ini': `[DEFAULT]
colour = red
[app:main]
use = ./app.mjs#make
size = 1
token = abc
shade = light %(colour)s
`,
  'secret.txt': 'hunter2\n',
};

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function appserve(args: readonly string[], files: Tree, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  using folder = folderWith({ ...FILES, ...files });
  linkPackages(folder);
  await using command = Command.appserve(args, { cwd: folder.path, env });
  const { code } = await command.ending();
  const shown = (text: string): string => text.replaceAll(folder.path, '/srv/site');
  return { code, stdout: shown(command.stdout), stderr: shown(command.stderr) };
}

type Shown = Record<string, Record<string, { readonly value: string; readonly origin: string; readonly secret?: true }>>;

const SERVER = '[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:0\nworkers = 1\n';

describe('appserve check', TIMEOUT, () => {
  const BROKEN = {
    'site.ini': `[app:main]
use = ./app.mjs#other
[app:second]
use = ./bad.mjs#make
[app:third]
use = nopkg#main
[filter:x]
use = ./app.mjs#nope
${SERVER}`,
  };

  it('imports, and says all that is wrong with all sections', async () => {
    const { code, stdout } = await appserve(['check', 'site.ini', '--format', 'json'], BROKEN);
    const found = JSON.parse(stdout) as { code: string; line: number; hint: string | null }[];
    assert.deepEqual(
      found.map(({ code: fault, line }) => [fault, line]),
      [
        ['NOT_A_FACTORY', 2],
        ['MODULE_FAILED', 4],
        ['PACKAGE_MISSING', 6],
        ['EXPORT_MISSING', 8],
      ],
    );
    assert.equal(code, 2);
  });

  const LOGGING = `[app:main]
use = ./app.mjs#make
[server:main]
use = @appserve/server#main
socket = 127.0.0.1:0
access_log_format = plain
[loggers]
keys = root, shop
[handlers]
keys = console
[formatters]
keys = generic
[logger_root]
level = INFO
handlers = console
[logger_shop]
level = INFO
handlers =
qualname = shop
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = generic
[formatter_generic]
format = %(message)s
`;
  const WRONG: readonly (readonly [was: string, is: string, said: RegExp])[] = [
    ['level = INFO', 'level = LOUD', /site\.ini:14:9: level = LOUD: must be DEBUG/],
    ['= StreamHandler', '= StreamHandlr', /site\.ini:21:9: .*StreamHandlr/],
    ['(sys.stderr,)', "(open('x'),)", /site\.ini:22:\d+: .*args: open/],
    ['formatter = generic', 'formatter = generc', /site\.ini:23:13: .*generc/],
    ['[handler_console]', '[handler_consle]', /site\.ini:10:8: there is no section \[handler_console\]/],
    ['%(message)s', '%(message)q', /site\.ini:25:10: format = %\(message\)q: must be/],
    ['qualname = shop', '', /site\.ini:16:1: \[logger_shop\] has no qualname/],
    ['[loggers]', '[logers]', /site\.ini:7:1: there is no section \[loggers\]\n[^]*did you mean logers\?/],
    ['', '', /site\.ini:6:1: access_log_format = plain: must be .*: it has no atom such as %\(h\)s/],
  ];
  for (const [was, is, said] of WRONG) {
    it(`reads what is said of logging, as --dry-run does: ${is}`, async () => {
      const files = { 'site.ini': LOGGING.replace(was, is).replace(was === '' ? '' : 'access_log_format = plain', '') };
      for (const args of [
        ['check', 'site.ini'],
        ['site.ini', '--dry-run'],
      ]) {
        const { code, stdout, stderr } = await appserve(args, files);
        assert.equal(code, 2, stdout + stderr);
        assert.match(stdout + stderr, said);
      }
    });
  }

  it('finds less without imports', async () => {
    const { code, stdout } = await appserve(['check', 'site.ini', '--format', 'json', '--no-import'], BROKEN);
    assert.deepEqual(
      (JSON.parse(stdout) as { code: string }[]).map((fault) => fault.code),
      ['PACKAGE_MISSING'],
    );
    assert.equal(code, 2);
  });

  it('ends with 1 where only a module fails', async () => {
    const { code, stdout } = await appserve(['check', 'site.ini'], { 'site.ini': `[app:main]\nuse = ./bad.mjs#make\n${SERVER}` });
    assert.equal(code, 1);
    assert.match(stdout, /^site\.ini:2:7: \/srv\/site\/bad\.mjs failed while it was imported: not today\n/);
  });

  it('calls no factory', async () => {
    const files = {
      'loud.mjs': `export const make = () => { throw new Error('called'); };\n`,
      'site.ini': `[app:main]\nuse = ./loud.mjs#make\n${SERVER}`,
    };
    assert.deepEqual(await appserve(['check', 'site.ini'], files), {
      code: 0,
      stdout: '',
      stderr: 'site.ini: nothing is wrong with [app:main], [server:main]\n',
    });
  });

  it('checks TypeScript, and the settings of its schema', async () => {
    const files = {
      'app.ts': `import { z } from 'zod';
export const main = Object.assign(() => () => new Response(), { options: z.object({ size: z.coerce.number() }) });
`,
      'site.ini': `[app:main]\nuse = ./app.ts#main\nsize = big\n[app:other]\nuse = ./broken.ts#main\n${SERVER}`,
      'broken.ts': 'export const = 1;\n',
    };
    const { stdout } = await appserve(['check', 'site.ini', '--format', 'json'], files);
    const found = (JSON.parse(stdout) as { code: string; file: string }[]).map(({ code, file }) => `${code} ${file}`);
    assert.deepEqual(new Set(found), new Set(['SETTING_INVALID site.ini', 'TYPESCRIPT_SYNTAX /srv/site/broken.ts']));
  });

  it('escapes what GitHub would take for its own', async () => {
    const { stdout } = await appserve(['check', 'a,b.ini', '--format', 'github'], {
      'a,b.ini': `[app:main]\nuse = x\n y%\n${SERVER}`,
    });
    assert.match(stdout, /^::error file=a%2Cb\.ini,line=\d+,col=\d+,title=[A-Z_]+::[^\n]*\n$/);
    assert.ok(!/%(?!25|0A|0D|2C|3A)/.test(stdout), stdout);
  });

  it('says the same as SARIF', async () => {
    const { stdout } = await appserve(['check', 'site.ini', '--format', 'sarif'], BROKEN);
    const { version, runs } = JSON.parse(stdout) as {
      version: string;
      runs: readonly [
        {
          tool: { driver: { name: string; rules: { id: string }[] } };
          results: { ruleId: string; locations: [{ physicalLocation: { artifactLocation: { uri: string }; region: object } }] }[];
        },
      ];
    };
    const [{ tool, results }] = runs;
    assert.deepEqual([version, tool.driver.name, results.length], ['2.1.0', 'appserve check', 4]);
    assert.deepEqual(results[3]!.locations[0].physicalLocation, {
      artifactLocation: { uri: 'site.ini' },
      region: { startLine: 8, startColumn: 7, endColumn: 21 },
    });
    // Each result has its rule.
    assert.deepEqual(new Set(results.map(({ ruleId }) => ruleId)), new Set(tool.driver.rules.map(({ id }) => id)));
  });

  it('has no finding where nothing is wrong, in every format', async () => {
    const files = { 'site.ini': `[app:main]\nuse = ./app.mjs#make\n${SERVER}` };
    for (const [format, expected] of [
      ['json', '[]\n'],
      ['github', ''],
    ] as const) {
      const { code, stdout, stderr } = await appserve(['check', 'site.ini', '--format', format], files);
      assert.deepEqual([code, stdout, stderr], [0, expected, '']);
    }
  });

  it('has the file itself for a finding, and what the command line says', async () => {
    const missing = await appserve(['check', 'nowhere.ini', '--format', 'json'], {});
    assert.deepEqual([missing.code, (JSON.parse(missing.stdout) as { code: string }[])[0]!.code], [2, 'CONFIG_MISSING']);
    const said = await appserve(['check', 'base.ini', '--set', 'app:main.use=nowhere'], {});
    assert.deepEqual([said.code, said.stdout.includes('there is no section [app:nowhere]')], [2, true]);
  });
});

/** `CODE line: hint` of each finding. */
async function findings(args: readonly string[], files: Tree): Promise<string[]> {
  const { stdout } = await appserve(['check', ...args, '--format', 'json'], files);
  const found = JSON.parse(stdout) as { code: string; line: number; message: string; hint: string | null }[];
  return found.map(({ code, line, message, hint }) => `${code} ${line}: ${message}${hint === null ? '' : `; ${hint}`}`);
}

function noSection(name: string): string {
  return `SECTION_MISSING 1: there is no section [${name}]`;
}

describe('appserve check of what cannot be served', TIMEOUT, () => {
  const APP = '[app:main]\nuse = ./app.mjs#make\n';

  it('misses the server and the app', async () => {
    const [empty, noServer, noApp] = await Promise.all([
      findings(['site.ini'], { 'site.ini': '' }),
      findings(['site.ini'], { 'site.ini': APP }),
      findings(['site.ini'], { 'site.ini': SERVER }),
    ]);
    assert.deepEqual(
      empty.map((found) => found.split(',')[0]!.split(';')[0]),
      [noSection('app:main'), noSection('server:main')],
    );
    assert.ok(noServer.length === 1 && noServer[0]!.startsWith(noSection('server:main')), String(noServer));
    assert.ok(noApp.length === 1 && noApp[0]!.startsWith(noSection('app:main')), String(noApp));
    const misspelt = await findings(['site.ini'], { 'site.ini': APP + SERVER.replace('server:', 'servr:') });
    assert.deepEqual(misspelt, [`${noSection('server:main')}; there is [servr:main]: did you mean [server:main]?`]);
  });

  it('looks for the app and the server that are named', async () => {
    const files = { 'site.ini': APP + SERVER };
    const [byFlag, byAddress, ofServer] = await Promise.all([
      findings(['site.ini', '-n', 'nosuch'], files),
      findings(['site.ini#nosuch'], files),
      findings(['site.ini', '--server-name', 'nosuch'], files),
    ]);
    for (const found of [byFlag, byAddress])
      assert.ok(found.length === 1 && found[0]!.startsWith(noSection('app:nosuch')), String(found));
    assert.ok(ofServer.length === 1 && ofServer[0]!.startsWith(noSection('server:nosuch')), String(ofServer));
  });

  it('knows what [appserve] may say, and so does serving', async () => {
    const files = { 'site.ini': `[DEFAULT]\nfolder = t\n[appserve]\nwatch_fils = %(folder)s/*.txt\n${APP}${SERVER}` };
    assert.deepEqual(await findings(['site.ini'], files), [
      'OPTION_UNKNOWN 4: unknown option watch_fils; did you mean watch_files?',
    ]);
    const { code, stderr } = await appserve(['site.ini'], files);
    assert.equal(code, 2);
    assert.match(stderr, /^site\.ini:4:1: unknown option watch_fils\n/);
    assert.match(stderr, /\n {2}in \[appserve\] site\.ini:3\n/);
  });
});

describe('what a command has no use for', TIMEOUT, () => {
  const files = { 'site.ini': `[app:main]\nuse = ./app.mjs#make\n${SERVER}` };

  it('is no option of it', async () => {
    for (const args of [
      ['request', 'site.ini', '/', '-s', 'nosuch#main'],
      ['request', 'site.ini', '/', '--server-name', 'nosuch'],
      ['config', 'site.ini', '-n', 'nosuch'],
    ]) {
      const { code, stderr } = await appserve(args, files);
      assert.deepEqual([code, /there is no such option/.test(stderr)], [2, true], args.join(' '));
    }
  });

  it('is a server that the file does not have', async () => {
    for (const command of ['config', 'graph']) {
      const { code, stderr } = await appserve([command, 'site.ini', '--server-name', 'nosuch'], files);
      assert.deepEqual([code, /there is no section \[server:nosuch\]/.test(stderr)], [2, true], command);
    }
  });
});

describe('appserve config', TIMEOUT, () => {
  const SITE = {
    'site.ini': `[DEFAULT]
db = postgres://shop:pw@db/shop
[app:main]
use = config:base.ini
size = 2
password = literal-word
dsn = host=db key=%(password)s
file = %(file:secret.txt)s
env = %(env:SHOP_KEY)s
set colour = blue
[loggers]
keys = root
[formatter_generic]
format = %(asctime)s %(message)s
`,
  };
  const shownOf = async (args: readonly string[]): Promise<Shown> => {
    const { code, stdout, stderr } = await appserve(['config', 'site.ini', '--json', ...args], SITE, { SHOP_KEY: 'k3y' });
    assert.equal(code, 0, stderr);
    assert.ok(!/hunter2|k3y|literal|:pw@/.test(stdout), stdout);
    return JSON.parse(stdout) as Shown;
  };

  it('shows what an included file says, where it says it, and no secret', async () => {
    const { 'app:main': app, DEFAULT: globals } = await shownOf([]);
    assert.deepEqual(app, {
      use: { value: 'config:base.ini', origin: 'site.ini:4' },
      size: { value: '2', origin: 'site.ini:5' },
      password: { value: '********', origin: 'site.ini:6', secret: true },
      dsn: { value: 'host=db key=********', origin: 'site.ini:7' },
      file: { value: '********', origin: 'site.ini:8', secret: true },
      env: { value: '********', origin: 'site.ini:9', secret: true },
      'set colour': { value: 'blue', origin: 'site.ini:10' },
      token: { value: '********', origin: 'base.ini:6', secret: true },
      shade: { value: 'light red', origin: 'base.ini:7' },
    });
    assert.deepEqual(globals, { db: { value: 'postgres://shop:********@db/shop', origin: 'site.ini:2' } });
  });

  it('shows sections of others as they are', async () => {
    const config = await shownOf([]);
    assert.deepEqual(config['formatter_generic'], {
      format: { value: '%(asctime)s %(message)s', origin: 'site.ini:14' },
    });
  });

  it('shows what the command line says', async () => {
    const { 'app:main': app } = await shownOf(['size=3', '--set', 'app:main.shade=dark']);
    assert.deepEqual(
      [app!['size'], app!['shade']],
      [
        { value: '3', origin: 'command line' },
        { value: 'dark', origin: '--set app:main.shade' },
      ],
    );
  });

  it('explains who says it over whom, through files', async () => {
    const { stdout } = await appserve(['config', 'site.ini', 'size=3', '--explain', 'app:main.size'], SITE, { SHOP_KEY: 'k3y' });
    assert.equal(
      stdout,
      `app:main.size = 3
  command line says so
  over site.ini:5: 2
  over base.ini:5: 1
`,
    );
  });

  it('masks a short secret wherever it is put in, and nowhere else', async () => {
    const files = {
      'outer.ini': `[DEFAULT]
db_password = hun
url = x-%(db_password)s
[app:main]
use = config:inner.ini
pw = %(db_password)s
inside = a-%(db_password)s-b 100%% hun
twice = %(inside)s %(url)s
get global = db_password
fallback = %(env:NO_TOKEN|hun)s
[other]
pw = <%(db_password)s>
`,
      'inner.ini': '[app:main]\nuse = ./app.mjs#make\nlent = [%(url)s]\n',
    };
    const { stdout, stderr } = await appserve(['config', 'outer.ini', '--json'], files);
    const { DEFAULT: globals, 'app:main': app, other } = JSON.parse(stdout) as Shown;
    const values = (section: Shown[string] = {}): string[] => Object.values(section).map(({ value }) => value);
    assert.deepEqual(values(globals), ['********', 'x-********'], stderr);
    const masked = ['********', 'a-********-b 100% hun', 'a-********-b 100% hun x-********', 'db_password', '********'];
    // What `get` gives stands last.
    assert.deepEqual(values(app).slice(1), [...masked, '[x-********]', '********']);
    assert.deepEqual(values(other), ['<********>']);
    const explained = await appserve(['config', 'outer.ini', '--explain', 'app:main.inside'], files);
    assert.match(explained.stdout, /^app:main\.inside = a-\*{8}-b 100% hun\n/);
    const words = await appserve(['config', 'outer.ini'], files);
    assert.doesNotMatch(words.stdout + explained.stdout, /[-<]hun|= hun/);
  });

  it('explains who says it in another way, and what the environment says beside the command line', async () => {
    const files = {
      'app.mjs': 'export const main = () => () => undefined;\n',
      'ok.ini': '[app:main]\nuse = ./app.mjs\n[server:main]\nuse = @appserve/server#main\nsocket = 127.0.0.1:8099\nworkers = 1\n',
    };
    const place = await appserve(['config', 'ok.ini', '--port', '9000', '--explain', 'server:main.socket'], files);
    assert.match(
      place.stdout,
      /^server:main\.socket has no value: --port says port, which takes its place\n {2}over ok\.ini:5: 127\.0\.0\.1:8099\n/,
    );
    const env = { APPSERVE_WORKERS: '5' };
    const workers = await appserve(['config', 'ok.ini', '--workers', '6', '--explain', 'server:main.workers'], files, env);
    assert.match(
      workers.stdout,
      /^server:main\.workers = 6\n {2}--workers says so\n {2}over APPSERVE_WORKERS: 5\n {2}over ok\.ini:6: 1\n/,
    );
  });

  it('explains as JSON', async () => {
    const { stdout } = await appserve(['config', 'site.ini', '--explain', 'app:main.dsn', '--json'], SITE, { SHOP_KEY: 'k3y' });
    assert.deepEqual(JSON.parse(stdout), {
      section: 'app:main',
      key: 'dsn',
      instead: null,
      said: [{ origin: 'site.ini:7', value: 'host=db key=********', raw: 'host=db key=%(password)s' }],
      parts: [{ key: 'password', value: '********', origin: 'site.ini:6' }],
      doc: null,
    });
  });

  it('explains what has no value', async () => {
    const files = { 'site.ini': '[server:main]\nuse = @appserve/server#main\nport = 0\nworkers = 1\n' };
    const { stdout } = await appserve(['config', 'site.ini', '--explain', 'server:main.pidfile'], files);
    assert.match(stdout, /^server:main\.pidfile has no value\n\nA file that holds the process id/);
  });

  for (const [path, says] of [
    ['app:main', 'it is SECTION.KEY, with one of DEFAULT, app:main'],
    ['ap:main.size', 'did you mean app:main.size?'],
    ['main.size', 'did you mean app:main.size'],
    ['app:main.sise', 'nobody says sise in [app:main]; did you mean size?'],
  ] as const) {
    it(`says which there are: --explain ${path}`, async () => {
      const { code, stderr } = await appserve(['config', 'site.ini', '--explain', path], SITE, { SHOP_KEY: 'k3y' });
      assert.equal(code, 2);
      assert.ok(stderr.includes(says), stderr);
    });
  }

  it('says what is wrong with the plan, and shows nothing', async () => {
    const { code, stdout, stderr } = await appserve(['config', 'site.ini'], SITE);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /SHOP_KEY/);
  });
});

describe('appserve graph', TIMEOUT, () => {
  const SITE = {
    'site.ini': `[composite:main]
use = ./mounts.mjs#mounts
/ = main
/a = filtered
[filter-app:filtered]
use = @appserve/core#lint
next = plain
[app:plain]
use = ./app.mjs#make
filter-with = lint
[filter:lint]
use = @appserve/core#lint
`,
  };

  it('draws a composite that mounts itself once, and filters in their order', async () => {
    const { code, stdout, stderr } = await appserve(['graph', 'site.ini'], SITE);
    assert.equal(code, 0, stderr);
    assert.equal(
      stdout,
      `composite:main  ./mounts.mjs#mounts
├─ /  composite:main  ./mounts.mjs#mounts
└─ /a  filter-app:filtered
   └─ filter-app:filtered  @appserve/core#lint
      └─ filter:lint  @appserve/core#lint
         └─ app:plain  ./app.mjs#make
`,
    );
  });

  it('is data too', async () => {
    const { stdout } = await appserve(['graph', 'site.ini', '-n', 'plain', '--format', 'json'], SITE);
    assert.deepEqual(JSON.parse(stdout), [
      {
        kind: 'filter',
        section: 'filter:lint',
        factory: '@appserve/core#lint',
        next: [{ node: { kind: 'app', section: 'app:plain', factory: './app.mjs#make', next: [] } }],
      },
    ]);
  });

  it('is a diagram, with its words quoted', async () => {
    const { stdout } = await appserve(['graph', 'site.ini', '-n', 'plain', '--format', 'mermaid'], SITE);
    assert.equal(
      stdout,
      `flowchart TD
  n0[/"filter:lint<br>@appserve/core#35;lint"/]
  n1["app:plain<br>./app.mjs#35;make"]
  n0 --> n1
`,
    );
  });
});

describe('appserve options', TIMEOUT, () => {
  const FACTORY = {
    'shop.ts': `import { z } from 'zod';
const options = z.object({ title: z.string().describe('What stands above the page.'), size: z.coerce.number().default(3) });
export const main = Object.assign(() => () => new Response(), { options });
`,
  };

  it('describes a factory by its schema, in text and as JSON Schema', async () => {
    const text = await appserve(['options', './shop.ts#main'], FACTORY);
    assert.equal(text.code, 0, text.stderr);
    assert.match(
      text.stdout,
      /^title {2}\(required\)\n {4}What stands above the page\.\n {4}Must be string\.\n\nsize {2}\(default 3\)\n/,
    );
    const { stdout } = await appserve(['options', './shop.ts#main', '--schema'], FACTORY);
    assert.deepEqual(Object.keys((JSON.parse(stdout) as { properties: object }).properties), ['title', 'size']);
  });

  it('finds filters and servers as well as apps', async () => {
    for (const [name, first] of [
      ['@appserve/server#fastcgi', 'socket'],
      ['@appserve/server', 'socket'],
    ] as const) {
      const { code, stdout, stderr } = await appserve(['options', name], {});
      assert.equal(code, 0, stderr);
      assert.ok(stdout.startsWith(`${first}  (`), stdout.slice(0, 100));
    }
  });

  it('says what a package has instead', async () => {
    const { code, stderr } = await appserve(['options', '@appserve/server#mian'], {});
    assert.equal(code, 2);
    assert.match(stderr, /did you mean @appserve\/server#main\?/);
  });

  it('says when a factory has none', async () => {
    const { code, stderr } = await appserve(['options', './app.mjs#make'], {});
    assert.equal(code, 2);
    assert.match(stderr, /^appserve: \.\/app\.mjs#make: the factory carries no schema/);
  });
});
