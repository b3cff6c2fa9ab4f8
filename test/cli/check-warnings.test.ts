// What `appserve check` says of settings that work, but not for long, not for everybody, or not as they were meant: the same as the log
// of a server that starts with them.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { checkConfig } from '@appserve/loader';
import { Authority } from '../support/certificates.ts';
import { Command } from '../support/command.ts';
import { appFactory, folderWith, type Tree } from '../support/packages.ts';

const TIMEOUT = { timeout: 120_000 };

const LINES = [
  '[app:main]',
  'use = ./app.mjs',
  '[server:main]',
  'use = @appserve/server#main',
  'workers = 1',
  'socket = 0.0.0.0:0',
  'certfile = old.pem',
  'keyfile = old.key',
  'certificates =',
  '    b.test  soon.pem  soon.key',
  'ca_certs = ca.pem',
  'cert_reqs = optional',
  'crlfile = old.crl',
  'forwarded_allow = unix',
  'reload = true',
];
const INI = LINES.join('\n');

/** The line that each warning is about, in their order. */
const ABOUT = [
  [/^certfile: old\.pem: the certificate has expired at /, 'certfile'],
  [/^certificates: soon\.pem: the certificate expires in 3 days, at /, 'certificates'],
  [/^certificates: soon\.pem: the certificate is not for b\.test: clients will refuse it$/, 'certificates'],
  [/^crlfile: old\.crl: the list of CN=Test Authority is out of date since /, 'crlfile'],
  [/^forwarded_allow = unix: nobody comes by a unix socket, since there is none$/, 'forwarded_allow'],
  [/^errors are shown with their source \(reload\) to whoever can connect/, 'reload'],
] as const;

let files: Tree;

before(async () => {
  const authority = await Authority.create();
  const old = await authority.issue({ validFromDays: -10, validToDays: -1 });
  const soon = await authority.issue({ hosts: ['a.test'], validToDays: 3.5 });
  files = {
    'app.mjs': appFactory('main'),
    'old.pem': old.cert,
    'old.key': old.key,
    'soon.pem': soon.cert,
    'soon.key': soon.key,
    'ca.pem': authority.pem,
    'old.crl': await authority.revoke([], { validFromDays: -10, validToDays: -1 }),
  };
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function check(ini: string, ...flags: readonly string[]): Promise<Ended> {
  using folder = folderWith({ ...files, 'site.ini': ini });
  await using command = Command.appserve(['check', 'site.ini', ...flags], { cwd: folder.path });
  const { code } = await command.ending();
  return { code, stdout: command.stdout, stderr: command.stderr };
}

/** The line of the ini that begins with `key`, from 1. */
function lineOf(key: string): number {
  return LINES.findIndex((line) => line.startsWith(key)) + 1;
}

interface Finding {
  readonly level: string;
  readonly code: string;
  readonly message: string;
  readonly line: number;
}

async function found(ini: string, ...flags: readonly string[]): Promise<readonly Finding[]> {
  const { stdout } = await check(ini, ...flags, '--format', 'json');
  return JSON.parse(stdout) as readonly Finding[];
}

describe('what appserve check warns of', TIMEOUT, () => {
  it('is shown as mistakes are, on standard error, and is none', async () => {
    const { code, stdout, stderr } = await check(INI);
    assert.deepEqual([code, stdout], [0, '']);
    const blocks = stderr.split('\n\n');
    const summary = blocks.pop();
    assert.equal(summary, 'site.ini: nothing is wrong with [app:main], [server:main], 6 warnings\n');
    assert.equal(blocks.length, ABOUT.length, stderr);
    for (const [index, [message, key]] of ABOUT.entries()) {
      const [first, line, caret, asked] = blocks[index]!.split('\n');
      const place = `warning: site.ini:${lineOf(key)}:1: `;
      assert.ok(first!.startsWith(place), first);
      assert.match(first!.slice(place.length), message);
      assert.equal(line, `  ${lineOf(key)} | ${LINES[lineOf(key) - 1]}`);
      assert.match(caret!, /^ +\| \^+$/);
      assert.equal(asked, '  in [server:main] site.ini:3');
    }
  });

  it('is what the log says when the server starts', async () => {
    using folder = folderWith({ ...files, 'site.ini': INI });
    await using command = Command.appserve(['site.ini'], { cwd: folder.path });
    await command.url();
    await command.says(/every interface is listened on/);
    const logged = command.stderr.split('\n').filter((line) => / WARN/.test(line));
    const messages = (await found(INI)).map(({ message }) => message);
    assert.equal(messages.length, ABOUT.length);
    assert.equal(logged.length, messages.length, command.stderr);
    for (const [index, message] of messages.entries()) assert.ok(logged[index]!.endsWith(message), logged[index]);
  });

  it('stands beside mistakes, which make the exit code', async () => {
    const { code, stdout, stderr } = await check(`${INI}\n[filter:x]\nuse = ./nowhere.mjs\n`);
    assert.equal(code, 2);
    assert.match(stdout, /^site\.ini:17:7: there is no module /);
    assert.doesNotMatch(stdout, /warning/);
    assert.equal(stderr.match(/^warning: /gm)?.length, ABOUT.length);
    assert.match(stderr, /\nsite\.ini: 1 mistake, 6 warnings\n$/);
  });

  it('is not known of settings that are wrong, nor without imports', async () => {
    assert.doesNotMatch((await check(`${INI}\nsoket = 8080`)).stderr, /warning/);
    assert.equal((await check(INI, '--no-import')).stderr, 'site.ini: nothing is wrong with [app:main], [server:main]\n');
  });

  it('is said with --quiet too', async () => {
    const { stderr } = await check(INI, '--quiet');
    assert.equal(stderr.match(/^warning: /gm)?.length, ABOUT.length);
    assert.doesNotMatch(stderr, /nothing is wrong/);
  });

  it('has a code and a level for programs', async () => {
    const findings = await found(INI);
    assert.deepEqual(
      findings.map(({ level, code, line }) => [level, code, line]),
      [
        ['warning', 'CERTIFICATE_DOUBTFUL', 7],
        ['warning', 'CERTIFICATE_DOUBTFUL', 9],
        ['warning', 'CERTIFICATE_DOUBTFUL', 9],
        ['warning', 'REVOCATION_LIST_DOUBTFUL', 13],
        ['warning', 'PROXIES_DOUBTFUL', 14],
        ['warning', 'ERRORS_EXPOSED', 15],
      ],
    );
    const { stdout: github, stderr } = await check(INI, '--format', 'github');
    assert.match(github, /^::warning file=site\.ini,line=7,col=1,title=CERTIFICATE_DOUBTFUL::certfile: old\.pem: /);
    assert.equal(stderr, '');
    const { stdout: sarif } = await check(INI, '--format', 'sarif');
    const { runs } = JSON.parse(sarif) as { runs: [{ results: { level: string; ruleId: string }[] }] };
    assert.deepEqual(
      runs[0].results.map(({ level, ruleId }) => [level, ruleId]),
      findings.map(({ level, code }) => [level, code]),
    );
  });

  it('has no place where a flag says it', async () => {
    const ini = LINES.filter((line) => !/^(?:cert|key|ca_|crl|forwarded|reload| )/.test(line)).join('\n');
    const { stderr } = await check(ini, '--forwarded-allow', '0.0.0.0/0');
    assert.match(
      stderr,
      /^warning: appserve: forwarded_allow = 0\.0\.0\.0\/0: 0\.0\.0\.0\/0 is everybody, [^\n]*\n {2}in \[server:main\] site\.ini:3\n/,
    );
  });
});

/** The warnings of a server with these lines. */
async function warned(server: string, ...lines: readonly string[]): Promise<string[]> {
  const ini = ['[app:main]', 'use = ./app.mjs', '[server:main]', `use = @appserve/server#${server}`, 'workers = 1', ...lines];
  using folder = folderWith({ 'app.mjs': appFactory('main'), 'site.ini': ini.join('\n') });
  const { faults, warnings } = await checkConfig('site.ini', { relativeTo: folder.path });
  assert.deepEqual(faults, []);
  return warnings.map(({ message }) => message);
}

describe('what this machine does not have', TIMEOUT, () => {
  it('is told where the start would be refused', async () => {
    const LINES_OF_MACHINE = [
      'socket = 127.0.0.1:0',
      'user = nobody99',
      'group = 0',
      'chdir = /nope',
      'pidfile = /nope/x.pid',
      'log = -',
      'error_log = /nope/error.log',
      'control_socket = /nope/control.sock',
    ];
    for (const server of ['main', 'fastcgi'])
      assert.deepEqual(await warned(server, ...LINES_OF_MACHINE), [
        'user = nobody99: there is no such user on this machine',
        'chdir = /nope: there is no folder /nope on this machine',
        'pidfile = /nope/x.pid: there is no folder /nope on this machine',
        'error_log = /nope/error.log: there is no folder /nope on this machine',
        'control_socket = /nope/control.sock: there is no folder /nope on this machine',
      ]);
  });
});

describe('lists of proxies, as far as a check knows the sockets', TIMEOUT, () => {
  const NOBODY = /: nobody /;

  it('are told once where several servers have one line', async () => {
    const told = await warned('main', 'socket = 127.0.0.1:0', 'forwarded_allow = unix', '[server:other]', 'use = main');
    assert.equal(told.length, 1, told.join('\n'));
  });

  it('are told of sockets that are written', async () => {
    for (const server of ['main', 'fastcgi']) {
      const believed = ['proxy_protocol = any', 'proxy_allow = unix'];
      assert.match((await warned(server, 'socket = 127.0.0.1:0', ...believed)).join(), NOBODY);
      assert.match((await warned(server, 'port = 0', ...believed)).join(), NOBODY);
      assert.deepEqual(await warned(server, 'socket = unix:%(here)s/s', ...believed), []);
    }
  });

  it('are not told where a socket is inherited, which may be of any kind', async () => {
    for (const address of ['fd:3', 'systemd', 'systemd:web 127.0.0.1:0']) {
      assert.deepEqual(await warned('main', `socket = ${address}`, 'forwarded_allow = unix'), []);
      assert.deepEqual(await warned('main', `socket = ${address}`, 'forwarded_allow = 10.0.0.1'), []);
    }
    // A web server may have bound it.
    assert.deepEqual(await warned('fastcgi', 'proxy_protocol = any', 'proxy_allow = unix'), []);
  });
});
