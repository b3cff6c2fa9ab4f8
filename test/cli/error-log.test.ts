// error_log: the log in a file, which is opened again when somebody has moved it away.

import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, it } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { serveIni, type Served } from '../support/fleet.ts';
import type { TemporaryFolder } from '../support/temporary.ts';
import { groupOf, idOf, unlessReadable } from '../support/users.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 2 };

function served(...lines: readonly string[]): Served {
  return serveIni(['socket = 127.0.0.1:0', 'workers = 2', 'error_log = app.log', ...lines]);
}

function read(server: Served, name = 'app.log'): string {
  return readFileSync(`${server.folder.path}/${name}`, 'utf8');
}

async function complain(server: Served, times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1) assert.equal((await server.command.get('/write'))?.body, 'written');
}

function complaints(text: string): number {
  return text.split('\n').filter((line) => /ERROR \[appserve\]\[worker-[12]\] a complaint$/.test(line)).length;
}

describe('error_log', TIMEOUT, () => {
  for (const way of ['async_logging = true', 'async_logging = false', 'worker_class = process']) {
    it(`has what main thread and workers say, and goes on in a new file after SIGUSR1: ${way}`, async () => {
      await using server = served(way);
      await server.command.url();
      await complain(server, 3);
      await eventually('it is written', () => complaints(read(server)) === 3);
      renameSync(`${server.folder.path}/app.log`, `${server.folder.path}/app.log.1`);
      await complain(server);
      await eventually('the old file has it', () => complaints(read(server, 'app.log.1')) === 4);
      server.command.signal('SIGUSR1');
      await eventually('there is a new file', () => existsSync(`${server.folder.path}/app.log`) && read(server) !== '');
      await complain(server, 2);
      await eventually('the new file has it', () => complaints(read(server)) === 2);
      assert.equal(complaints(read(server, 'app.log.1')), 4);
      assert.match(read(server), /app\.log was opened again/);
      server.command.signal('SIGTERM');
      await server.command.ending();
      assert.doesNotMatch(server.command.stderr, /a complaint|Warning:/);
    });
  }

  it('is appended to, and not for everybody to read', async () => {
    await using server = served();
    await server.command.url();
    server.command.signal('SIGHUP');
    await eventually('it is written', () => read(server).includes('reloaded'));
    assert.equal(statSync(`${server.folder.path}/app.log`).mode & 0o007, 0);
  });

  it('that cannot be opened is told before anything else happens', async () => {
    await using server = serveIni(['socket = 127.0.0.1:0', 'workers = 1', 'error_log = nowhere/app.log']);
    assert.deepEqual(await server.command.ending(), { code: 1, signal: null });
    assert.match(server.command.stderr, /^[\w.]+:\d+:13: cannot write the log .*nowhere\/app\.log: ENOENT/m);
  });

  it('that cannot be opened again goes on into the old file, and says so', async () => {
    await using server = serveIni(['socket = 127.0.0.1:0', 'workers = 1', 'error_log = logs/app.log'], [], {}, ({ path }) =>
      mkdirSync(`${path}/logs`),
    );
    await server.command.url();
    await complain(server);
    // The log thread may still have been on its way to it.
    await eventually('it is open', () => complaints(read(server, 'logs/app.log')) === 1);
    renameSync(`${server.folder.path}/logs`, `${server.folder.path}/moved`);
    server.command.signal('SIGUSR1');
    await eventually('it is said', () => read(server, 'moved/app.log').includes('the log goes on into the old file'));
  });

  it(
    'on a full disk is said once, and its records come to stderr',
    { skip: !existsSync('/dev/full') && 'there is no /dev/full' },
    async () => {
      await using server = serveIni(['socket = 127.0.0.1:0', 'workers = 1', 'error_log = /dev/full']);
      await server.command.url();
      await complain(server, 3);
      await server.command.says(/a complaint/, 3);
      assert.equal(server.command.stderr.split('/dev/full cannot be written: ENOSPC').length, 2);
    },
  );
});

describe('SIGUSR1 where the log is stderr', TIMEOUT, () => {
  it('is heard, and does nothing', async () => {
    await using server = serveIni(['socket = 127.0.0.1:0', 'workers = 1']);
    await server.command.url();
    server.command.signal('SIGUSR1');
    await server.command.says(/the log is no file: nothing to open again/);
    assert.equal((await server.command.get('/'))?.body, 'hello');
  });
});

/** A folder of that user, and in it a link to a file of root. */
function trap({ path: folder }: TemporaryFolder): void {
  const ofRoot = `${folder}/of-root`;
  writeFileSync(ofRoot, 'precious\n', { mode: 0o600 });
  mkdirSync(`${folder}/logs`);
  symlinkSync(ofRoot, `${folder}/logs/app.log`);
  lchownSync(`${folder}/logs/app.log`, idOf('nobody'), groupOf('nobody'));
  chownSync(`${folder}/logs`, idOf('nobody'), groupOf('nobody'));
  chmodSync(folder, 0o755);
}

describe('error_log of another user', { ...TIMEOUT, skip: unlessReadable('nobody') }, () => {
  const OPTIONS = ['socket = 127.0.0.1:0', 'workers = 1', 'error_log = logs/app.log', 'user = nobody', 'pidfile = app.pid'];

  it('is not written through a link to a file of root, nor is that given away', async () => {
    await using server = serveIni(OPTIONS, [], {}, trap);
    const ofRoot = `${server.folder.path}/of-root`;
    assert.deepEqual(await server.command.ending(), { code: 1, signal: null });
    assert.match(server.command.stderr, /cannot write the log .*logs\/app\.log: EACCES/);
    assert.match(server.command.stderr, /it is opened as the user that the server runs as/);
    assert.equal(readFileSync(ofRoot, 'utf8'), 'precious\n');
    assert.equal(statSync(ofRoot).uid, 0);
  });

  it('is made by that user in a folder of theirs, and made again', async () => {
    await using server = serveIni(OPTIONS, [], {}, ({ path }) => {
      mkdirSync(`${path}/logs`);
      chownSync(`${path}/logs`, idOf('nobody'), groupOf('nobody'));
      chmodSync(path, 0o755);
    });
    await server.command.url();
    assert.equal(statSync(`${server.folder.path}/logs/app.log`).uid, idOf('nobody'));
    // What the log has from the start on is in it: the warning of the pidfile in a folder of root.
    assert.match(read(server, 'logs/app.log'), /app\.pid will stay when the server ends/);
    renameSync(`${server.folder.path}/logs/app.log`, `${server.folder.path}/logs/app.log.1`);
    server.command.signal('SIGUSR1');
    await eventually('there is a new file', () => existsSync(`${server.folder.path}/logs/app.log`));
  });
});
