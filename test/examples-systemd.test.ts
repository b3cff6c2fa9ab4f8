// The units of examples/systemd, and what its README promises of them.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import { APPSERVE, Command, connectTo, write } from './support/command.ts';
import { absent } from './support/programs.ts';
import { inRepository } from './support/repository.ts';
import { linkPackages, temporaryFolder } from './support/temporary.ts';

/** By the example that has them. */
const UNITS = { 'appserve.service': 'systemd', 'appserve.socket': 'systemd', 'site@.service': 'haproxy' } as const;
type Unit = keyof typeof UNITS;
const NAMES = Object.keys(UNITS) as readonly Unit[];

/** graceful_timeout where nobody says another one. */
const GRACEFUL_S = 30;

function unit(name: Unit): string {
  return readFileSync(inRepository(`examples/${UNITS[name]}/${name}`), 'utf8');
}

function valueOf(name: Unit, key: string): string | undefined {
  return new RegExp(`^${key}=(.+)$`, 'm').exec(unit(name))?.[1];
}

/** What systemd.unit(5), systemd.socket(5), systemd.service(5) and systemd.exec(5) know of what we use. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  Unit: ['Description', 'Requires', 'After'],
  Socket: ['ListenStream', 'FileDescriptorName', 'Backlog'],
  Service: [
    'Type',
    'NotifyAccess',
    'ExecStart',
    'ExecReload',
    'WorkingDirectory',
    'User',
    'RuntimeDirectory',
    'WatchdogSec',
    'TimeoutStopSec',
    'KillMode',
    'Restart',
    'RestartPreventExitStatus',
    'NoNewPrivileges',
    'PrivateTmp',
    'ProtectSystem',
    'ProtectHome',
  ],
  Install: ['WantedBy', 'Also'],
};

describe('the units of examples/systemd', () => {
  for (const name of NAMES) {
    it(`have keys that systemd knows: ${name}`, () => {
      let section = '';
      for (const line of unit(name).split('\n')) {
        const [, header, key] = /^(?:\[(\w+)\]|(\w+)=.+|#.*|)$/.exec(line) ?? assert.fail(line);
        section = header ?? section;
        if (key !== undefined) assert.ok(KEYS[section]?.includes(key), `${key} in [${section}]`);
      }
    });
  }

  it('are right to systemd-analyze verify', { skip: absent('systemd-analyze') }, () => {
    using folder = temporaryFolder();
    // It wants the program to be there.
    for (const name of NAMES)
      write(folder, { [name]: unit(name).replace('/srv/site/node_modules/.bin/appserve', process.execPath) });
    const files = NAMES.map((name) => `${folder.path}/${name}`);
    const { stderr, error } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], { encoding: 'utf8' });
    assert.equal(error, undefined);
    // It also looks at units of this machine, which are not ours.
    assert.deepEqual(
      stderr.split('\n').filter((line) => NAMES.some((name) => line.includes(name))),
      [],
    );
  });

  for (const name of NAMES.filter((one) => one.endsWith('.service')))
    it(`reload, and are killed after all that a stop may take: ${name}`, () => {
      assert.equal(valueOf(name, 'ExecReload'), '/bin/kill -HUP $MAINPID');
      const ini = name === 'site@.service' ? 'haproxy/site.ini' : 'systemd/production.ini';
      const text = readFileSync(inRepository(`examples/${ini}`), 'utf8');
      const secondsOf = (option: string): string | undefined => new RegExp(`^${option} = (\\d+)s$`, 'm').exec(text)?.[1];
      const atMost = Number(secondsOf('stop_delay') ?? 0) + Number(secondsOf('graceful_timeout') ?? GRACEFUL_S);
      assert.ok(Number(valueOf(name, 'TimeoutStopSec')) > atMost);
    });

  it('give each instance of a site ports and a folder of its own', () => {
    const readme = readFileSync(inRepository('examples/haproxy/README.md'), 'utf8');
    for (const instance of ['1', '2']) {
      const [, settings] = new RegExp(`^\\$ npx appserve examples/haproxy/site.ini (http_port=808${instance} .+)$`, 'm').exec(
        readme,
      )!;
      const start = valueOf('site@.service', 'ExecStart')!.replaceAll('%i', instance);
      assert.ok(start.endsWith(`/site.ini ${settings} run=/run/site-${instance}`), start);
    }
    assert.equal(valueOf('site@.service', 'RuntimeDirectory'), 'site-%i');
  });

  it('name the socket as the ini does', { timeout: 240_000, skip: absent('systemd-socket-activate') }, async () => {
    using folder = temporaryFolder();
    linkPackages(folder);
    cpSync(inRepository('examples/systemd'), folder.path, { recursive: true });
    symlinkSync(APPSERVE, `${folder.path}/appserve`);
    const name = valueOf('appserve.socket', 'FileDescriptorName');
    const path = `${folder.path}/web.sock`;
    const options = [`--listen=${path}`, `--fdname=${name}`, '--setenv=PATH'];
    await using command = Command.program('systemd-socket-activate', [...options, './appserve', 'production.ini'], {
      cwd: folder.path,
    });
    await command.says(/^Listening on /m);
    await using client = await connectTo(`unix:${path}`);
    await client.send('GET /variables HTTP/1.1\r\nHost: test\r\n\r\n');
    assert.equal((await client.response())?.body, '[]');
  });
});
