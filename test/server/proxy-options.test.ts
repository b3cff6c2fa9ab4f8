// The options of servers behind proxies: what is wrong with them is told where it stands; and workers of every kind keep them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkConfig } from '@appserve/loader';
import { createFastcgiServer, createHttpServer } from '@appserve/server';
import { get, pathApp } from '../support/apps.ts';
import { Command, connectTo, write } from '../support/command.ts';
import { CERTIFICATE } from '../support/http-server.ts';
import { appFactory, folderWith } from '../support/packages.ts';
import { block, line } from '../support/proxy-header.ts';
import { RawClient } from '../support/raw-client.ts';
import { temporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 240_000 };

const HEAD = ['[app:main]', 'use = ./app.mjs', '[server:main]'];

/** `CODE at option: message`. */
async function check(server: string, lines: readonly string[]): Promise<string[]> {
  const all = [...HEAD, `use = @appserve/server#${server}`, 'workers = 1', 'socket = 127.0.0.1:0', ...lines];
  using folder = folderWith({ 'app.mjs': appFactory('main'), 'site.ini': all.join('\n') });
  const { faults } = await checkConfig('site.ini', { relativeTo: folder.path });
  return faults.map(
    ({ code, at, message }) => `${code} at ${at === undefined ? 'nowhere' : all[at.line - 1]!.split(' ')[0]!}: ${message}`,
  );
}

const RIGHT: Readonly<Record<string, readonly string[]>> = {
  'one version, of one proxy': ['proxy_protocol = v2', 'proxy_allow = 10.0.0.1'],
  'any version, of networks and unix sockets': ['proxy_protocol = any', 'proxy_allow = 10.0.0.0/8 fd00::/8', '    unix'],
  'none, said aloud': ['proxy_protocol = off'],
};

const WRONG: Readonly<Record<string, readonly [lines: readonly string[], told: RegExp]>> = {
  'whom to believe is not said': [['proxy_protocol = v1'], /^OPTIONS_CONFLICT at proxy_protocol: .*proxy_allow must name them/],
  'nobody says a header': [['proxy_allow = 10.0.0.1'], /^OPTIONS_CONFLICT at proxy_allow: .*proxy_protocol = off/],
  'nobody says a header, which is said aloud': [
    ['proxy_protocol = off', 'proxy_allow = unix'],
    /^OPTIONS_CONFLICT at proxy_allow/,
  ],
  'the version is none': [['proxy_protocol = v3', 'proxy_allow = unix'], /^OPTION_INVALID at proxy_protocol: .*off, v1, v2, any/],
  'the proxy is a name': [
    ['proxy_protocol = v1', 'proxy_allow = 10.0.0.1 balancer.example'],
    /^OPTION_INVALID at proxy_allow: .*10\.0\.0\.0\/8.*: balancer\.example is a name, and names are not resolved: write its address/,
  ],
  'the network is none': [
    ['proxy_protocol = v1', 'proxy_allow = 10.0.0.0/33'],
    /^OPTION_INVALID at proxy_allow: .*: 10\.0\.0\.0\/33 is none/,
  ],
  'the network has bits of a host': [
    ['proxy_protocol = v1', 'proxy_allow = 10.0.0.5/8'],
    /^OPTION_INVALID at proxy_allow: .*: 10\.0\.0\.5\/8 is an address in a network: write 10\.0\.0\.0\/8 or 10\.0\.0\.5/,
  ],
  'everybody is a star': [
    ['proxy_protocol = v1', 'proxy_allow = *'],
    /^OPTION_INVALID at proxy_allow: .*: everybody is 0\.0\.0\.0\/0 ::\/0/,
  ],
  'the proxies are parted by commas': [
    ['proxy_protocol = v1', 'proxy_allow = 127.0.0.1, 10.0.0.2'],
    /^OPTION_INVALID at proxy_allow: .*: there is a comma in 127\.0\.0\.1,: words are parted by white space/,
  ],
};

const WRONG_OF_HTTP: typeof WRONG = {
  'the proxy of fields is a name': [['forwarded_allow = proxy.test'], /^OPTION_INVALID at forwarded_allow/],
  'nobody is believed': [['forwarded_believe = for'], /^OPTIONS_CONFLICT at forwarded_believe: .*without forwarded_allow/],
  'what is believed is no field': [
    ['forwarded_allow = unix', 'forwarded_believe = for server'],
    /^OPTION_INVALID at forwarded_believe: .*for, proto, host, port: server is none/,
  ],
  'what is believed is parted by commas': [
    ['forwarded_allow = unix', 'forwarded_believe = for, proto'],
    /^OPTION_INVALID at forwarded_believe: .*: there is a comma in for,: words are parted by white space/,
  ],
  'a time is negative': [['stop_delay = -1'], /^OPTION_INVALID at stop_delay: .*: it is negative$/],
  'the scheme is none': [['url_scheme = ftp'], /^OPTION_INVALID at url_scheme: .*http, https/],
  'the name has a port': [['server_name = shop.test:443'], /^OPTION_INVALID at server_name: .*port/],
  'the name is none': [['server_name = shop test'], /^OPTION_INVALID at server_name/],
};

for (const server of ['main', 'fastcgi'])
  describe(`options of proxies of #${server}`, TIMEOUT, () => {
    for (const [what, lines] of Object.entries(RIGHT))
      it(`may be ${what}`, async () => {
        assert.deepEqual(await check(server, lines), []);
      });
    for (const [what, [lines, told]] of Object.entries({ ...WRONG, ...(server === 'main' ? WRONG_OF_HTTP : {}) }))
      it(`are refused where ${what}`, async () => {
        const faults = await check(server, lines);
        assert.equal(faults.length, 1, faults.join('\n'));
        assert.match(faults[0]!, told);
      });
  });

describe('options of a site behind proxies', TIMEOUT, () => {
  it('are refused with a line to write', async () => {
    using folder = folderWith({
      'app.mjs': appFactory('main'),
      'site.ini': [...HEAD, 'use = @appserve/server#main', 'workers = 1', 'port = 0', 'proxy_protocol = v2'].join('\n'),
    });
    const { faults } = await checkConfig('site.ini', { relativeTo: folder.path });
    assert.equal(faults[0]?.hint, 'write whom it comes from: proxy_allow = 10.0.0.1, or proxy_allow = unix for a unix socket');
  });

  it('may be all that HTTP has', async () => {
    const lines = ['forwarded_allow = 10.0.0.0/8 unix', 'forwarded_believe = for proto host port', 'url_scheme = https'];
    assert.deepEqual(await check('main', [...lines, 'server_name = shop.test']), []);
    assert.deepEqual(await check('main', ['server_name = [::1]']), []);
  });

  it('are held to the same in programs', async () => {
    await assert.rejects(createHttpServer(pathApp, { proxyProtocol: 'v1' }), { code: 'OPTIONS_CONFLICT' });
    await assert.rejects(createFastcgiServer(pathApp, { proxyProtocol: 'v1' }), { code: 'OPTIONS_CONFLICT' });
  });
});

/** The options, and what is told at the start; nothing where all is well. */
const ODD: readonly (readonly [lines: readonly string[], told: RegExp | undefined])[] = [
  [['socket = unix:%(here)s/s', 'forwarded_allow = 10.0.0.1'], /forwarded_allow = 10\.0\.0\.1: nobody who connects .*say unix/],
  [['socket = unix:%(here)s/s', 'proxy_protocol = v1', 'proxy_allow = 10.0.0.1 ::1'], /proxy_allow = 10\.0\.0\.1 ::1: nobody/],
  [['port = 0', 'forwarded_allow = unix'], /forwarded_allow = unix: nobody comes by a unix socket/],
  [['port = 0', 'forwarded_allow = 10.0.0.0/8 ::/0'], /forwarded_allow = 10\.0\.0\.0\/8 ::\/0: ::\/0 is everybody/],
  [['socket = unix:%(here)s/s', 'forwarded_allow = 10.0.0.1 unix'], undefined],
  [['socket = unix:%(here)s/s 127.0.0.1:0', 'forwarded_allow = unix'], undefined],
  [['socket = unix:%(here)s/s 127.0.0.1:0', 'forwarded_allow = 10.0.0.0/8'], undefined],
];

describe('lists that name nobody, or everybody', TIMEOUT, () => {
  for (const [lines, told] of ODD)
    it(`${told === undefined ? 'are none: ' : 'are told: '} ${lines.join(', ')}`, async () => {
      using folder = temporaryFolder();
      const ini = [...HEAD, 'use = @appserve/server#main', 'workers = 1', 'worker_class = inline', ...lines, ''];
      write(folder, { 'app.mjs': appFactory('main'), 'app.ini': ini.join('\n') });
      await using command = Command.appserve(['app.ini'], { cwd: folder.path });
      await command.url();
      if (told === undefined) assert.doesNotMatch(command.stderr, /_allow/);
      else await command.says(told);
    });

  it('are told again by a reload', async () => {
    using folder = temporaryFolder();
    const ini = [...HEAD, 'use = @appserve/server#main', 'workers = 1', 'port = 0', 'forwarded_allow = 10.0.0.1', ''].join('\n');
    write(folder, { 'app.mjs': appFactory('main'), 'app.ini': ini });
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    await command.url();
    assert.doesNotMatch(command.stderr, /_allow/);
    write(folder, { 'app.ini': ini.replace('10.0.0.1', 'unix') });
    command.signal('SIGHUP');
    await command.says(/forwarded_allow = unix: nobody comes by a unix socket/);
  });
});

const BEHIND = ['proxy_protocol = any', 'proxy_allow = 127.0.0.1 unix', 'url_scheme = https', 'max_reuse_count = unlimited'];
const WAYS: Readonly<Record<string, readonly string[]>> = {
  'threads that accept by themselves': ['workers = 2', 'worker_class = thread', 'dispatch = shared'],
  'threads that are given connections': ['workers = 2', 'worker_class = thread', 'dispatch = balanced'],
  'processes that accept by themselves': ['workers = 2', 'worker_class = process', 'dispatch = shared'],
  'processes that are given connections': ['workers = 2', 'worker_class = process', 'dispatch = balanced'],
  'the main thread': ['workers = 1', 'worker_class = inline'],
};

const APP = `
export function makeApp() {
  return (environ, startResponse) => {
    startResponse('200 OK', [['Content-Type', 'text/plain']]);
    return [Buffer.from([environ.REMOTE_ADDR, environ['wsgi.url_scheme']].join(' '))];
  };
}
`;

for (const [what, lines] of Object.entries(WAYS))
  describe(`PROXY headers of ${what}`, TIMEOUT, () => {
    it('are read over TCP and unix sockets, and before TLS', async () => {
      const tls = ['certfile = %(here)s/cert.pem', 'keyfile = %(here)s/key.pem'];
      const socket = 'socket = 127.0.0.1:0 unix:%(here)s/s';
      const ini = [
        '[app:main]',
        'use = ./app.mjs#makeApp',
        '[server:main]',
        'use = @appserve/server#main',
        socket,
        ...BEHIND,
        ...tls,
      ];
      using folder = temporaryFolder();
      const files = { 'app.mjs': APP, 'cert.pem': String(CERTIFICATE.cert), 'key.pem': String(CERTIFICATE.key) };
      write(folder, { ...files, 'app.ini': [...ini, ...lines, ''].join('\n') });
      await using command = Command.appserve(['app.ini'], { cwd: folder.path });
      const { port } = new URL(await command.url());
      for (let time = 0; time < 8; time += 1) {
        await using secured = await RawClient.secure(Number(port), time % 2 === 0 ? line() : block());
        await secured.send(get('/'));
        assert.equal((await secured.response())?.body, '192.0.2.1 https');
        await using unix = await connectTo(`unix:${folder.path}/s`);
        await unix.send(block() + get('/'));
        assert.equal((await unix.response())?.body, '192.0.2.1 https');
      }
      await using stranger = await connectTo(`unix:${folder.path}/s`);
      await stranger.send(get('/'));
      assert.equal(await stranger.untilEnd(), '');
      await command.says(/PROXY_HEADER_INVALID/);
    });
  });
