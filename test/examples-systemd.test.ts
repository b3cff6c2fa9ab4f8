// The units of examples/systemd, and what its README promises of them.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import { APPSERVE, Command, connectTo, write } from './support/command.ts';
import { absent } from './support/programs.ts';
import { inRepository } from './support/repository.ts';
import { linkPackages, temporaryFolder } from './support/temporary.ts';

const UNITS = ['appserve.service', 'appserve.socket'] as const;

function unit(name: string): string {
  return readFileSync(inRepository(`examples/systemd/${name}`), 'utf8');
}

/** What systemd.unit(5), systemd.socket(5), systemd.service(5) and systemd.exec(5) know of what we use. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  Unit: ['Description', 'Requires', 'After'],
  Socket: ['ListenStream', 'FileDescriptorName', 'Backlog'],
  Service: [
    'Type',
    'NotifyAccess',
    'ExecStart',
    'WorkingDirectory',
    'User',
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
  for (const name of UNITS) {
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
    for (const name of UNITS)
      write(folder, { [name]: unit(name).replace('/srv/site/node_modules/.bin/appserve', process.execPath) });
    const files = UNITS.map((name) => `${folder.path}/${name}`);
    const { stderr, error } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], { encoding: 'utf8' });
    assert.equal(error, undefined);
    // It also looks at units of this machine, which are not ours.
    assert.deepEqual(
      stderr.split('\n').filter((line) => UNITS.some((name) => line.includes(name))),
      [],
    );
  });

  it('name the socket as the ini does', { timeout: 30_000, skip: absent('systemd-socket-activate') }, async () => {
    using folder = temporaryFolder();
    linkPackages(folder);
    cpSync(inRepository('examples/systemd'), folder.path, { recursive: true });
    symlinkSync(APPSERVE, `${folder.path}/appserve`);
    const [, name] = /^FileDescriptorName=(.+)$/m.exec(unit('appserve.socket'))!;
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
