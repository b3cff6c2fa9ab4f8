// What recipes make of parts, and how they find each other.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { appConfig, getSettings, loadPlan } from '@appserve/loader';
import { appserveBuild, built, isThere, siteWith, textIn } from '../../support/building.ts';
import { faultOf, faultsOf, pointed } from '../../support/faults.ts';
import { installed, type Tree } from '../../support/packages.ts';
import { absent, WITH_SBIN } from '../../support/programs.ts';
import type { TemporaryFolder } from '../../support/temporary.ts';

const INSTANCE = [
  '[buildout]',
  'parts = instance',
  '[instance]',
  'recipe = @appserve/loader#instance',
  'app = ./app.js#main',
  'check = parse',
];

function part(recipe: string, ...lines: readonly string[]): string[] {
  return ['[buildout]', 'parts = part', '[part]', `recipe = @appserve/loader#${recipe}`, ...lines];
}

async function settings(
  { path }: TemporaryFolder,
  section: string,
  name = 'instance',
): Promise<Readonly<Record<string, string>>> {
  return getSettings(`${path}/parts/${name}/etc/wsgi.ini`, section);
}

describe('an instance', () => {
  it('has an ini, whose settings are its options', async () => {
    using folder = siteWith([
      ...INSTANCE,
      'http-address = 8081 localhost:8082 unix:var/a.sock var/b.sock /run/c.sock [::1]:8083 systemd:web',
      'threads = 3',
      'max-request-body-size = 1000',
      'server.keepalive_timeout = 5',
      'server.workers = 7',
      'app.greeting = Hello',
      'app.sqlalchemy.url = sqlite://',
      'app.list =',
      '    one',
      '    two',
      'file-storage = var/Data.fs',
      'zodb-cache-size = 30000',
      'global.debug = true',
    ]);
    const { warnings } = await built(folder);
    assert.deepEqual(warnings, []);
    const { path } = folder;
    assert.deepEqual(await settings(folder, 'server:main'), {
      use: '@appserve/server#main',
      socket: `0.0.0.0:8081 localhost:8082 unix:${path}/var/a.sock unix:${path}/var/b.sock unix:/run/c.sock [::1]:8083 systemd:web`,
      workers: '7',
      max_body_size: '1000',
      keepalive_timeout: '5',
    });
    const { localConf, globalConf } = await appConfig(`${path}/parts/instance/etc/wsgi.ini`);
    assert.deepEqual(localConf, {
      file_storage: 'var/Data.fs',
      zodb_cache_size: '30000',
      greeting: 'Hello',
      'sqlalchemy.url': 'sqlite://',
      list: 'one\ntwo',
    });
    assert.equal(globalConf['debug'], 'true');
    assert.ok(isThere(folder, 'var'), 'the folder of its sockets');
  });

  it('has filters in front of its app, by a pipeline', async () => {
    using folder = siteWith([
      ...INSTANCE,
      'pipeline =',
      '    upper',
      '    ./app.js#wrap',
      'filter.upper.use = ./app.js#wrap',
      'filter.upper.level = 6',
    ]);
    await built(folder);
    const plan = await loadPlan(`${folder.path}/parts/instance/etc/wsgi.ini`);
    assert.equal(plan.type, 'wrapped');
    assert.deepEqual(await settings(folder, 'filter:upper'), { use: '../../../app.js#wrap', level: '6' });
    assert.deepEqual(await settings(folder, 'pipeline:main'), { pipeline: '\nupper\n../../../app.js#wrap\napp' });
  });

  it('has the logging that it is told of, and no handler for what is disabled', async () => {
    using folder = siteWith([...INSTANCE, 'event-log = disable', 'z2-log = var/log/requests.log', 'access-log-level = WARN']);
    await built(folder);
    assert.equal((await settings(folder, 'handlers'))['keys'], 'console, accesslog');
    assert.equal((await settings(folder, 'logger_root'))['handlers'], 'console');
    const handler = await settings(folder, 'handler_accesslog');
    assert.deepEqual([handler['args'], handler['level']], [`(r'${folder.path}/var/log/requests.log', 'a')`, 'WARN']);
    assert.ok(isThere(folder, 'var/log'));
  });

  for (const [line, expected] of [
    ['event-log-level = LOUD', 'LOGGING_VALUE_INVALID 6:1 event-log-level'],
    ['access-log-handler = Nope', 'LOGGING_CLASS_UNKNOWN 6:1 access-log-handler'],
    ['access-log-args = (1, 2, 3, 4, 5, 6, 7)', 'LOGGING_ARGUMENTS_INVALID 6:1 access-log-args'],
  ] as const) {
    it(`is refused for its logging: ${line}`, async () => {
      using folder = siteWith([...INSTANCE.slice(0, -1), line, 'event-log = var/e.log']);
      assert.deepEqual((await faultsOf(built(folder))).map(pointed), [expected]);
      assert.ok(!isThere(folder, 'parts'));
    });
  }

  it('has no logging where it is not told of any', async () => {
    using folder = siteWith(INSTANCE);
    await built(folder);
    assert.doesNotMatch(textIn(folder, 'parts/instance/etc/wsgi.ini'), /loggers/);
  });

  it('has a template of its whole ini, with variables, references and what the ini itself puts in', async () => {
    using folder = siteWith(
      [...INSTANCE, 'wsgi-ini-template = templates/wsgi.ini.in', 'http-address = 8081', 'greeting = Hello %(x)s'],
      {
        'templates/wsgi.ini.in': [
          '[app:main]',
          'use = ../../../app.js#main',
          'greeting = %(greeting)s, ${:greeting}, ${greeting}, $${x}, 100%%, %%(here)s',
          '[server:main]',
          'socket = %(http_address)s',
          'workers = %(threads)s',
          '',
        ].join('\n'),
      },
    );
    await built(folder);
    assert.equal(
      textIn(folder, 'parts/instance/etc/wsgi.ini'),
      [
        '# Generated by appserve build from [instance] of buildout.cfg and templates/wsgi.ini.in. Change what it is made from, and build again.',
        '[app:main]',
        'use = ../../../app.js#main',
        'greeting = Hello %(x)s, Hello %(x)s, Hello %(x)s, ${x}, 100%, %(here)s',
        '[server:main]',
        'socket = 0.0.0.0:8081',
        'workers = 4',
        '',
      ].join('\n'),
    );
  });

  it('has a template of its logging alone', async () => {
    using folder = siteWith([...INSTANCE, 'wsgi-logging-ini-template = logging.in', 'event-log = var/e.log'], {
      'logging.in': '[loggers]\nkeys = %(eventlog_name)s\n',
    });
    await built(folder);
    assert.deepEqual(await settings(folder, 'loggers'), { keys: `${folder.path}/var/e.log` });
    assert.equal((await settings(folder, 'app:main'))['use'], '../../../app.js#main');
  });

  it('has a script that starts it from any folder, with its environment', async () => {
    using folder = siteWith([...INSTANCE, 'environment-vars =', "    GREETING it's $HOME", '    MODE = x y']);
    await built(folder, { executable: '/bin/sh', appserve: `${folder.path}/show.sh` });
    writeFileSync(`${folder.path}/show.sh`, 'echo "$GREETING|$MODE|$#|$1|$2"');
    const { stdout } = spawnSync(`${folder.path}/bin/instance`, ['fg', 'http_port=1 2'], { cwd: '/', encoding: 'utf8' });
    assert.equal(stdout, `it's $HOME|x y|2|${folder.path}/parts/instance/etc/wsgi.ini|http_port=1 2\n`);
  });

  for (const [what, lines, expected] of [
    ['without an app', ['app ='], 'PART_OPTION 7:1 app'],
    ['with two numbers of workers', ['workers = 2', 'threads = 3'], 'PART_OPTION 8:1 threads'],
    [
      'with two templates',
      ['wsgi-ini-template = a', 'wsgi-logging-ini-template = b'],
      'PART_OPTION 8:1 wsgi-logging-ini-template',
    ],
    ['with a template that is not there', ['wsgi-ini-template = none.in'], 'CONFIG_MISSING 7:1 wsgi-ini-template'],
    ['with a variable that is none', ['environment-vars =', '    A 1', '    0B'], 'PART_OPTION 9:5 0B'],
    ['with an address that others cannot know', ['server.socket = 127.0.0.1:80'], 'PART_OPTION 7:1 server.socket'],
    ['with another check', ['check = maybe'], 'PART_OPTION 7:1 check'],
    ['with a line that the ini takes for a comment', ['app.list =', '    one', '    # two'], 'PART_OPTION 9:5 # two'],
    ['with a filter that the ini takes for a comment', ['pipeline =', '    ; two'], 'PART_OPTION 8:5 ; two'],
  ] as const) {
    it(`is refused ${what}`, async () => {
      using folder = siteWith([...INSTANCE, ...lines]);
      assert.equal(pointed(await faultOf(built(folder))), expected);
      assert.ok(!isThere(folder, 'parts'));
    });
  }

  it('is loaded before it is written: a mistake is told where it was made', async () => {
    using folder = siteWith(
      [
        '[buildout]',
        'parts = one two three',
        '[one]',
        'recipe = @appserve/loader#instance',
        'app = nothing-of-this-name#main',
        '[two]',
        'recipe = @appserve/loader#instance',
        'app = ./app.js',
        'workers = many',
        '[three]',
        'recipe = @appserve/loader#instance',
        'wsgi-ini-template = wsgi.ini.in',
        'http-address = nowhere',
      ],
      {
        'wsgi.ini.in':
          '[app:main]\nuse = ../../../app.js\n\n[server:main]\nuse = @appserve/server#main\nworkers = 1\nbacklog = %(http_address)s\nworkres = 2\n',
      },
    );
    const faults = await faultsOf(built(folder));
    assert.deepEqual(faults.map((fault) => `${fault.at?.file.split('/').at(-1)} ${pointed(fault)}`).toSorted(), [
      'buildout.cfg OPTION_INVALID 9:1 workers',
      'buildout.cfg PACKAGE_MISSING 5:1 app',
      'wsgi.ini.in OPTION_INVALID 7:1 backlog = %(http_address)s',
      'wsgi.ini.in OPTION_UNKNOWN 8:1 workres',
    ]);
    assert.match(faults[0]!.askedBy[0]!, /^the generated .*parts\/one\/etc\/wsgi\.ini:\d+:\d+$/);
    assert.ok(!isThere(folder, 'parts'));
  });

  it('is loaded with its app: an export that is not there is told', async () => {
    using folder = siteWith([...INSTANCE.slice(0, 4), 'app = ./app.js#mian', 'pipeline = ./app.js#rwap']);
    const faults = await faultsOf(built(folder));
    assert.deepEqual(faults.map(pointed), ['EXPORT_MISSING 5:1 app', 'EXPORT_MISSING 6:12 ./app.js#rwap']);
    assert.match(faults[0]!.hint!, /main/);
  });

  it('is told to listen where another one does, which may be meant', async () => {
    using folder = siteWith([
      '[buildout]',
      'parts = one two',
      'prats = three',
      'versions = versions',
      '[one]',
      'recipe = @appserve/loader#instance',
      'app = ./app.js',
      'http-address = 8081 127.0.0.1:0',
      '[two]',
      '<= one',
    ]);
    const { path } = folder;
    assert.deepEqual((await built(folder)).warnings, [
      `${path}/buildout.cfg:8:1: ${path}/parts/two/etc/wsgi.ini listens on 0.0.0.0:8081, and so does ${path}/parts/one/etc/wsgi.ini`,
      `${path}/buildout.cfg:3:1: [buildout] has an option that nobody uses: prats; did you mean parts?`,
    ]);
  });

  it('is told of what the command line says to nobody', async () => {
    using folder = siteWith(INSTANCE);
    const given = { 'instnce:workers': '3', workers: '3', nonsense: '1', 'instance:server.backlog': '7' };
    assert.deepEqual((await built(folder, { given })).warnings, [
      'the command line:1:1: [buildout] has an option that nobody uses: workers; did you mean instance:workers?',
      'the command line:1:1: [buildout] has an option that nobody uses: nonsense',
      'the command line: nobody uses instnce:workers: there is no [instnce]; did you mean [instance]?',
    ]);
  });

  it('that has a secret in it is nobody else’s to read, and is not shown', async () => {
    using folder = siteWith([...INSTANCE, 'app.token = ${env:SITE_TOKEN}']);
    const env = { SITE_TOKEN: 's3cret' };
    const { stdout } = await appserveBuild(folder, ['--diff'], { env });
    assert.ok(!isThere(folder, 'parts'));
    await appserveBuild(folder, [], { env });
    assert.equal(statSync(`${folder.path}/parts/instance/etc/wsgi.ini`).mode & 0o777, 0o600);
    assert.equal((await settings(folder, 'app:main'))['token'], 's3cret');
    assert.doesNotMatch(stdout, /s3cret/);
    assert.doesNotMatch((await appserveBuild(folder, ['--annotate'], { env })).stdout, /s3cret/);
  });
});

async function rendered(template: string, ...lines: readonly string[]): Promise<string> {
  using folder = siteWith([...part('template', 'input = in.txt', 'output = out.txt', ...lines)], { 'in.txt': template });
  await built(folder);
  return textIn(folder, 'out.txt');
}

describe('a template', () => {
  it('has references, options of the part, and dollar signs that stand for themselves', async () => {
    assert.equal(
      await rendered('${x} ${:x} ${part:x} ${buildout:parts} $x $${x} $$ 50% %(x)s\n', 'x = 1'),
      '1 1 1 part $x ${x} $$ 50% %(x)s\n',
    );
  });

  it('has percent signs that mean something where it is told so', async () => {
    assert.equal(await rendered('%(x)s %% ${x}\n', 'x = 1', 'percent = true'), '1 % 1\n');
  });

  it('keeps what it is not asked to change', async () => {
    assert.equal(await rendered('\n\ta  \n\n no line end', 'x = 1'), '\n\ta  \n\n no line end');
  });

  it('puts nothing in again that was put in', async () => {
    assert.equal(await rendered('${x}', 'x = $${y}', 'y = 1'), '${y}');
  });

  it('has loops, within each other, over words and over the options of sections', async () => {
    const template = [
      '%for site in ${sites}',
      '<${site} ${site:port}>',
      '%for n in 1 2',
      '${site}.${n}',
      '%end',
      '%end',
      '%%for all',
      '',
    ];
    assert.equal(
      await rendered(template.join('\n'), 'sites = a b', '[a]', 'port = 1', '[b]', 'port = 2'),
      '<a 1>\na.1\na.2\n<b 2>\nb.1\nb.2\n%for all\n',
    );
    assert.equal(await rendered('%for x in ${none}\nx\n%end\nend', 'none ='), 'end');
  });

  it('has a line that begins with %for, whose percent signs mean what they do elsewhere', async () => {
    const template = '%%for %(x)s %% ${x}\n%%format = %(x)s\n%%end\n%%ending\n';
    assert.equal(await rendered(template, 'x = 1', 'percent = true'), '%for 1 % 1\n%format = 1\n%end\n%ending\n');
    assert.equal(await rendered(template, 'x = 1'), '%for %(x)s %% 1\n%%format = %(x)s\n%end\n%%ending\n');
  });

  it('of an ini has values of several lines in it as inis have them', async () => {
    const options = ['list =', '    one', '    two', 'more =', '    [app:other]', '    use = x'];
    using folder = siteWith([...part('template', 'input = in.txt', 'output = out.ini', 'header = false', ...options)], {
      'in.txt': '[app:main]\nlist = ${list}\n${more}\n',
    });
    await built(folder);
    assert.equal(textIn(folder, 'out.ini'), '[app:main]\nlist = one\n    two\n[app:other]\nuse = x\n');
    assert.equal(await rendered('list = ${list}\n', ...options), 'list = one\ntwo\n');
    using other = siteWith([...INSTANCE, 'wsgi-ini-template = in.txt', ...options, '    # no comment'], {
      'in.txt': '[app:main]\nlist = ${list}\nmore = ${more}\n',
    });
    assert.equal(pointed(await faultOf(built(other))), 'TEMPLATE_SYNTAX 3:1 more = ${more}');
  });

  it('stands in the configuration too', async () => {
    using folder = siteWith(
      part(
        'template',
        'output = out.sh',
        'mode = 0750',
        'inline =',
        '    #!/bin/sh',
        '    if true; then',
        '      echo $${HOME} ${:x}',
        '    fi',
        'x = 1',
      ),
    );
    await built(folder);
    assert.equal(
      textIn(folder, 'out.sh'),
      '#!/bin/sh\n# Generated by appserve build from [part] of buildout.cfg. Change what it is made from, and build again.\nif true; then\n  echo ${HOME} 1\nfi\n',
    );
    assert.equal(statSync(`${folder.path}/out.sh`).mode & 0o777, 0o750);
  });

  for (const [what, template, expected] of [
    ['a name that is not there', 'a\n  ${nmae}\n', 'TEMPLATE_NAME_MISSING 2:3 ${nmae}'],
    ['an option that is not there', '${part:outptu}', 'BUILDOUT_OPTION_MISSING 1:1 ${part:outptu}'],
    ['a section that is not there', '\n\n x ${none:x}', 'BUILDOUT_SECTION_MISSING 3:4 ${none:x}'],
    ['a variable that is not there', 'x %(nmae)s', 'TEMPLATE_NAME_MISSING 1:3 %(nmae)s'],
    ['a percent sign alone', '100%\n', 'TEMPLATE_SYNTAX 1:4 %'],
    ['a variable without its end', '%(name) x', 'TEMPLATE_SYNTAX 1:1 %'],
    ['braces without their end', 'x ${name', 'SUBSTITUTION_SYNTAX 1:3 ${'],
    ['a loop without its end', 'a\n%for x in 1 2\nb', 'TEMPLATE_SYNTAX 2:1 %for x in 1 2'],
    ['an end without its loop', 'a\n%end', 'TEMPLATE_SYNTAX 2:1 %end'],
    ['a loop over nothing', '%for x\n%end', 'TEMPLATE_SYNTAX 1:1 %for x'],
    ['a mistake in the list of a loop', '%for x in ${nmae}\n%end', 'TEMPLATE_NAME_MISSING 1:11 ${nmae}'],
  ] as const) {
    it(`is refused for ${what}, which is pointed at in it`, async () => {
      using folder = siteWith(part('template', 'input = in.txt', 'output = out.txt', 'percent = true', 'name = x'), {
        'in.txt': template,
      });
      const fault = await faultOf(built(folder));
      assert.equal(`${fault.at?.file.endsWith('/in.txt')} ${pointed(fault)}`, `true ${expected}`);
    });
  }

  it('says how the ini’s own variables are written', async () => {
    using folder = siteWith(part('template', 'input = in.txt', 'output = out.txt', 'percent = true'), {
      'in.txt': 'x = %(here)s\n',
    });
    assert.match((await faultOf(built(folder))).hint!, /%%\(here\)s$/);
  });

  it('is pointed at in the configuration where it stands there', async () => {
    using folder = siteWith(part('template', 'output = out.txt', 'inline =', '    a', '    b ${nmae}'));
    const fault = await faultOf(built(folder));
    // The configuration itself puts references in, so what is left for the template is a bare name.
    assert.equal(pointed(fault), 'SUBSTITUTION_SYNTAX 8:7 ${nmae}');
  });

  for (const [what, lines, expected] of [
    ['without an output', ['input = in.txt'], 'PART_OPTION 3:1 [part]'],
    ['without an input', ['output = out.txt'], 'PART_OPTION 3:1 [part]'],
    ['with two inputs', ['output = o', 'input = in.txt', 'inline = x'], 'PART_OPTION 7:1 inline'],
    ['with an input that is not there', ['output = o', 'input = none'], 'CONFIG_MISSING 6:1 input'],
    ['with a URL', ['output = o', 'url = http://x/'], 'PART_OPTION 6:1 url'],
    ['with a mode that is none', ['output = o', 'inline = x', 'mode = rw'], 'PART_OPTION 7:1 mode'],
  ] as const) {
    it(`is refused ${what}`, async () => {
      using folder = siteWith(part('template', ...lines), { 'in.txt': '' });
      assert.equal(pointed(await faultOf(built(folder))), expected);
    });
  }
});

describe('folders', () => {
  it('are made, and told', async () => {
    using folder = siteWith([...part('mkdir', 'paths =', '    var/a', '    var/b/c'), '[x]', 'y = 1']);
    await built(folder);
    assert.ok(isThere(folder, 'var/a') && isThere(folder, 'var/b/c'));
  });
});

const WEB = [
  '[buildout]',
  'parts = units',
  '[web]',
  'recipe = @appserve/loader#instance',
  'app = ./app.js',
  'http-address = systemd:web',
];

describe('the units of systemd', () => {
  it('start the script, and open the sockets that it takes', async () => {
    using folder = siteWith([
      ...WEB,
      '[units]',
      'recipe = @appserve/loader#systemd',
      'instance = web',
      'listen = 127.0.0.1:8080 var/site.sock',
      'user = www-data',
      'service.Environment =',
      '    A=1',
      '    B=2',
    ]);
    await built(folder);
    const { path } = folder;
    const service = textIn(folder, 'parts/units/units.service');
    const socket = textIn(folder, 'parts/units/units.socket');
    for (const line of [
      `ExecStart=${path}/bin/web`,
      'Requires=units.socket',
      'User=www-data',
      'Environment=A=1',
      'Environment=B=2',
      'Type=notify',
      'ExecReload=/bin/kill -HUP $MAINPID',
      'TimeoutStopSec=40',
    ])
      assert.ok(service.includes(`\n${line}\n`), line);
    for (const line of ['ListenStream=127.0.0.1:8080', `ListenStream=${path}/var/site.sock`, 'FileDescriptorName=web'])
      assert.ok(socket.includes(`\n${line}\n`), line);
  });

  it('wait for as long as the server needs to stop, and warn where they do not', async () => {
    const units = ['[units]', 'recipe = @appserve/loader#systemd', 'instance = web', 'listen = 8080'];
    const server = ['server.stop_delay = 5s', 'server.graceful_timeout = 1m'];
    using folder = siteWith([...WEB, ...server, ...units]);
    await built(folder);
    assert.match(textIn(folder, 'parts/units/units.service'), /^TimeoutStopSec=75$/m);
    using short = siteWith([...WEB, ...server, ...units, 'stop-timeout = 60']);
    assert.deepEqual((await built(short)).warnings, [
      `${short.path}/buildout.cfg:13:1: [units] ends the server after 60, before it has ended by itself: stop_delay and graceful_timeout of its instance are 65s together`,
    ]);
  });

  it('are right to systemd-analyze verify', { skip: absent('systemd-analyze') }, async () => {
    using folder = siteWith([...WEB, '[units]', 'recipe = @appserve/loader#systemd', 'instance = web', 'listen = 8080']);
    await built(folder);
    const { stderr, error } = spawnSync(
      'systemd-analyze',
      ['verify', '--man=no', `${folder.path}/parts/units/units.service`, `${folder.path}/parts/units/units.socket`],
      { encoding: 'utf8' },
    );
    assert.equal(error, undefined);
    assert.deepEqual(
      stderr.split('\n').filter((line) => line.includes('units.')),
      [],
    );
  });

  for (const [what, lines, expected] of [
    ['without sockets for an instance that takes them', ['instance = web'], 'PART_OPTION 7:1 [units]'],
    ['for what is no instance', ['instance = other'], 'PART_OPTION 9:12 other'],
    ['for what is not there', ['instance = none'], 'BUILDOUT_SECTION_MISSING 9:12 none'],
    ['with a watchdog that is no time', ['instance = web', 'listen = 80', 'watchdog = soon'], 'PART_OPTION 11:1 watchdog'],
    ['with a stop that is no time', ['instance = web', 'listen = 80', 'stop-timeout = 5x'], 'PART_OPTION 11:1 stop-timeout'],
  ] as const) {
    it(`are refused ${what}`, async () => {
      using folder = siteWith([...WEB, '[units]', 'recipe = @appserve/loader#systemd', ...lines, '[other]', 'x = 1']);
      assert.equal(pointed(await faultOf(built(folder))), expected);
    });
  }
});

describe('the configuration of nginx', () => {
  const lines = [
    '[buildout]',
    'parts = nginx',
    '[base]',
    'recipe = @appserve/loader#instance',
    'app = ./app.js',
    '[one]',
    '<= base',
    'http-address = 8081 [::]:8082',
    '[two]',
    '<= base',
    'http-address = var/two.sock',
    '[nginx]',
    'recipe = @appserve/loader#nginx',
  ];

  it('has the sockets of instances, which are made for it', { skip: absent('nginx') }, async () => {
    using folder = siteWith([
      ...lines,
      'instances = one two',
      'servers = 10.0.0.1:80',
      'keepalive = 16',
      'upstream = site',
      'listen = 127.0.0.1:8080',
      'server-name = example.org',
    ]);
    await built(folder);
    assert.match(
      textIn(folder, 'parts/nginx/nginx.conf'),
      new RegExp(
        `upstream site \\{\n    server 127.0.0.1:8081;\n    server \\[::1\\]:8082;\n    server unix:${folder.path}/var/two.sock;\n    server 10.0.0.1:80;\n    keepalive 16;\n\\}`,
      ),
    );
    assert.ok(isThere(folder, 'bin/one') && isThere(folder, 'bin/two'));
    writeFileSync(
      `${folder.path}/whole.conf`,
      `pid ${folder.path}/pid; events {} http { include ${folder.path}/parts/nginx/nginx.conf; }`,
    );
    const { status, stderr } = spawnSync('nginx', ['-t', '-e', 'stderr', '-p', folder.path, '-c', `${folder.path}/whole.conf`], {
      encoding: 'utf8',
      env: { PATH: WITH_SBIN.PATH },
    });
    assert.equal(status, 0, stderr);
  });

  it('warns of instances that do not believe it', async () => {
    const nginx = ['instances = one two', 'listen = 8080'];
    using deaf = siteWith([...lines, ...nginx]);
    const place = `${deaf.path}/buildout.cfg:14:1: [nginx]`;
    assert.deepEqual((await built(deaf)).warnings, [
      `${place} tells [one] who its clients are, which believes nobody: give it server.forwarded_allow = 127.0.0.1`,
      `${place} tells [two] who its clients are, which believes nobody: give it server.forwarded_allow = unix`,
    ]);
    using believing = siteWith([...lines.toSpliced(5, 0, 'server.forwarded_allow = 127.0.0.1 unix'), ...nginx]);
    assert.deepEqual((await built(believing)).warnings, []);
  });

  it('is refused for a socket without an address', async () => {
    using folder = siteWith([...lines, 'instances = three', '[three]', '<= base', 'http-address = systemd:web']);
    assert.equal(pointed(await faultOf(built(folder))), 'PART_OPTION 14:13 three');
  });

  it('is refused for another word than set and append', async () => {
    using folder = siteWith([...lines, 'instances = one', 'listen = 80', 'forwarded = keep']);
    assert.equal(pointed(await faultOf(built(folder))), 'PART_OPTION 16:1 forwarded');
  });
});

/** A package with recipes, as somebody else would publish it. */
const RECIPES: Tree = installed(
  'recipes',
  { type: 'module', appserve: { recipe: { note: './recipes.js#note' } } },
  {
    'recipes.js': `
import { join } from 'node:path';
export function note(part) {
  const path = join(part.folder, 'note.txt');
  const text = part.required('text');
  return { files: [{ path, lines: [{ text: text.value, from: text.at }], isSecret: false }], values: { note: path } };
}
export const fails = () => { throw new Error('no luck'); };
export const nothing = () => undefined;
export const text = () => ({ files: [{ path: '/x' }] });
export const number = 7;
export async function waits(part) {
  await Promise.resolve();
  part.section(part.words('other')[0]);
  return { values: { x: '1' } };
}
`,
  },
);

/** The folder of our packages is linked: so theirs stands beside the configuration, as a module. */
function withRecipes(cfg: readonly string[]): TemporaryFolder {
  return siteWith(
    cfg,
    Object.fromEntries(Object.entries(RECIPES).map(([path, content]) => [path.replace('node_modules/', 'lib/'), content])),
  );
}

describe('recipes of others', () => {
  it('are found as factories are, and their values referred to', async () => {
    using folder = withRecipes([
      '[buildout]',
      'parts = b',
      '[a]',
      'recipe = ./lib/recipes/recipes.js#note',
      'text = Hello',
      '[b]',
      'recipe = ./lib/recipes/recipes.js#note',
      'text = see ${a:note}',
    ]);
    await built(folder);
    assert.equal(textIn(folder, 'parts/a/note.txt'), 'Hello');
    assert.equal(textIn(folder, 'parts/b/note.txt'), `see ${folder.path}/parts/a/note.txt`);
  });

  for (const [what, cfg, expected] of [
    ['throws', ['recipe = ./lib/recipes/recipes.js#fails'], 'RECIPE_FAILED 4:1 recipe'],
    ['gives nothing', ['recipe = ./lib/recipes/recipes.js#nothing'], 'RECIPE_FAILED 4:1 recipe'],
    ['gives half a file', ['recipe = ./lib/recipes/recipes.js#text'], 'RECIPE_FAILED 4:1 recipe'],
    ['is no function', ['recipe = ./lib/recipes/recipes.js#number'], 'PART_UNFIT 4:1 recipe'],
    ['is not there', ['recipe = ./lib/recipes/recipes.js#none'], 'EXPORT_MISSING 4:1 recipe'],
    ['is of Python', ['recipe = zc.recipe.egg'], 'PART_UNFIT 4:1 recipe'],
    ['is missing', ['x = 1'], 'PART_UNFIT 1:1 a'],
    [
      'needs a part that needs it',
      [
        'recipe = ./lib/recipes/recipes.js#waits',
        'other = b',
        '[b]',
        'recipe = ./lib/recipes/recipes.js#note',
        'text = ${a:none}',
      ],
      'BUILDOUT_OPTION_MISSING 8:8 ${a:none}',
    ],
  ] as const) {
    it(`are told of when one ${what}`, async () => {
      using folder = withRecipes(['[buildout]', 'parts =', '[a]', ...cfg]);
      assert.equal(pointed(await faultOf(built(folder, { parts: ['a'] }))), expected);
    });
  }

  it('are told of as a circle where they need what each other makes', async () => {
    const recipe = 'recipe = ./lib/recipes/recipes.js#waits';
    using folder = withRecipes(['[buildout]', 'parts = a', '[a]', recipe, 'other = b', '[b]', recipe, 'other = a']);
    const fault = await faultOf(built(folder));
    assert.equal(`${pointed(fault)}: ${fault.message}`, 'PART_CYCLE 8:9 a: parts need each other in a circle: a -> b -> a');
  });

  it('in a package stand in its group', async () => {
    using folder = siteWith(part('nothing'));
    const fault = await faultOf(built(folder));
    assert.equal(pointed(fault), 'EXPORT_MISSING 4:1 recipe');
  });
});

describe('options that nobody uses', () => {
  it('are told, with a guess; those that a reference or a recipe uses are not', async () => {
    using folder = siteWith([...INSTANCE, 'http-adress = 8080', 'mine = 1', 'app.x = ${:mine}']);
    const { warnings } = await built(folder);
    assert.deepEqual(
      warnings.map((warning) => warning.replace(folder.path, '')),
      ['/buildout.cfg:7:1: [instance] has an option that nobody uses: http-adress; did you mean http-address?'],
    );
  });
});

const TEMPLATE = ['recipe = @appserve/loader#template', 'inline = text'];

async function warned(cfg: readonly string[], tree: Tree = {}, parts: readonly string[] = []): Promise<readonly string[]> {
  using folder = siteWith(cfg, tree);
  return (await built(folder, { parts })).warnings.map((warning) => warning.replace(folder.path, ''));
}

describe('sections that are no part', () => {
  it('and look like one are told', async () => {
    const cfg = ['[buildout]', 'parts = one', '[one]', ...TEMPLATE, 'output = one', '[tow]', ...TEMPLATE, 'output = two'];
    assert.deepEqual(await warned(cfg), [
      '/buildout.cfg:7:1: [tow] is not built: neither parts of [buildout] nor a part that is built names it',
    ]);
  });

  it('are not told where they are of use, or of another file, or where single parts are built', async () => {
    const cfg = [
      '[buildout]',
      'extends = base.cfg',
      'parts = one',
      '[one]',
      '<= macro',
      'output = ${needed:x}',
      '[macro]',
      ...TEMPLATE,
    ];
    const needed = ['[needed]', ...TEMPLATE, 'output = needed', 'x = one', '[versions]', 'a = 1'];
    const base = ['[buildout]', 'parts =', '[spare]', ...TEMPLATE, 'output = spare'];
    assert.deepEqual(await warned([...cfg, ...needed], { 'base.cfg': `${base.join('\n')}\n` }), []);
    const two = ['[buildout]', 'parts = one', '[one]', ...TEMPLATE, 'output = one', '[two]', ...TEMPLATE, 'output = two'];
    assert.deepEqual(await warned(two, {}, ['one']), []);
  });
});

describe('a template with several mistakes', () => {
  it('has all of them told, each once', async () => {
    const template = [
      '${missing:x}',
      'fine ${self}',
      '%for word in ${words}',
      '${nothing} ${self:nope}',
      '%end',
      '${too-bad}',
      '',
    ];
    using folder = siteWith([...part('template', 'input = in.txt', 'output = out.txt', 'self = 1', 'words = a b')], {
      'in.txt': template.join('\n'),
    });
    const faults = await faultsOf(built(folder));
    assert.deepEqual(
      faults.map(({ code, at }) => `${code} ${at!.line}:${at!.column}`),
      ['BUILDOUT_SECTION_MISSING 1:1', 'TEMPLATE_NAME_MISSING 4:1', 'BUILDOUT_SECTION_MISSING 4:12', 'TEMPLATE_NAME_MISSING 6:1'],
    );
  });
});

/** That is loaded before it is written, as all are where nothing else is said. */
function instance(...lines: readonly string[]): readonly string[] {
  return [...INSTANCE.filter((line) => line !== 'check = parse'), 'http-address = 8443', ...lines];
}

describe('keys of TLS that are on another machine', () => {
  const KEYS = ['server.certfile = /nowhere/cert.pem', 'server.keyfile = /nowhere/key.pem'];

  it('are told, and the build goes on', async () => {
    using folder = siteWith(instance(...KEYS, 'server.keyfile_password = env:NOBODY_SETS_THIS'));
    const { warnings } = await built(folder);
    assert.deepEqual(
      warnings.map((warning) => warning.replace(folder.path, '').replace(/(?<=cannot be read): .*(?=; where)/, '')),
      [
        '/buildout.cfg:9:1: keyfile_password: the key is not opened: the variable NOBODY_SETS_THIS is not set; where it is served it must be there',
        '/buildout.cfg:7:1: certfile: /nowhere/cert.pem cannot be read; where it is served it must be there',
        '/buildout.cfg:8:1: keyfile: /nowhere/key.pem cannot be read; where it is served it must be there',
      ],
    );
    assert.ok(isThere(folder, 'parts/instance/etc/wsgi.ini'));
  });

  it('excuse no other mistake', async () => {
    using folder = siteWith(instance(...KEYS, 'server.cert_reqs = required'));
    const { code } = await faultOf(built(folder));
    assert.equal(code, 'OPTIONS_CONFLICT');
    assert.ok(!isThere(folder, 'parts'));
  });
});
