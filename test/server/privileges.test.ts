// What becomes of the process between open sockets and the first worker, with real users, files and processes.

import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { describe, it } from 'node:test';
import { APPSERVE, Command, write } from '../support/command.ts';
import { environmentApp, type Around } from '../support/environment-app.ts';
import { RawClient } from '../support/raw-client.ts';
import { linkPackages } from '../support/temporary.ts';
import { groupOf, idOf, unlessReadable, unlessRoot } from '../support/users.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 2 };
const TCP = 'socket = 127.0.0.1:0';
/** Every system has it, and nobody works as it. */
const USER = 'nobody';
const asUser = { skip: unlessReadable(USER) };

async function around(command: Command): Promise<Around> {
  return JSON.parse((await command.get('/'))!.body) as Around;
}

/** As the kernel prints ids: real, effective, saved, of files. */
function four(id: number): string {
  return [id, id, id, id].join(' ');
}

/** Of a script that goes on without its server. */
const LEFT_OPEN = `
import { readdirSync } from 'node:fs';
import { serve } from '@appserve/server';
const descriptors = () => readdirSync('/proc/self/fd').length;
const options = { socket: 'unix:own.sock', workerClass: 'process', pidfile: 'own.pid', errorLog: 'own.log' };
const refused = async () => serve(() => new Response(''), options).then(() => 'served', (error) => error.message);
await refused();
const before = descriptors();
console.error('refused: ' + (await refused()) + ', ' + (descriptors() - before) + ' descriptors more, ' + readdirSync('.').join(' '));
process.exit();
`;

/** Before the pidfile is taken away: another process does so, and writes its own. */
const LATE = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { renameSync, unlinkSync } = fs;
const before = (path) => {
  if (String(path).endsWith('/app.pid') && fs.existsSync('other')) renameSync('other', 'app.pid');
};
fs.renameSync = (from, to) => {
  before(from);
  renameSync(from, to);
};
fs.unlinkSync = (path) => {
  before(path);
  unlinkSync(path);
};
syncBuiltinESMExports();
`;

describe('pidfile', TIMEOUT, () => {
  it('holds the process id while the server runs, for everybody to read', async () => {
    using folder = environmentApp([TCP, 'workers = 1', 'pidfile = app.pid', 'umask = 077']);
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    await command.url();
    assert.equal(readFileSync(`${folder.path}/app.pid`, 'latin1'), `${command.pid}\n`);
    assert.equal(statSync(`${folder.path}/app.pid`).mode & 0o777, 0o644);
    command.signal('SIGTERM');
    assert.deepEqual(await command.ending(), { code: 0, signal: null });
    assert.deepEqual(readdirSync(folder.path).toSorted(), ['app.ini', 'app.mjs']);
  });

  it('takes the place of one that a dead process has left', async () => {
    using folder = environmentApp([TCP, 'workers = 1', 'pidfile = app.pid']);
    const dead = Command.node(['-e', '']);
    await dead.ending();
    writeFileSync(`${folder.path}/app.pid`, `${dead.pid}\n`);
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    await command.url();
    assert.equal(readFileSync(`${folder.path}/app.pid`, 'latin1'), `${command.pid}\n`);
  });

  it('is refused when its process is alive, and stays', async () => {
    using folder = environmentApp([TCP, 'workers = 1', 'pidfile = app.pid']);
    await using first = Command.appserve(['app.ini'], { cwd: folder.path });
    await first.url();
    await using second = Command.appserve(['app.ini'], { cwd: folder.path });
    assert.deepEqual(await second.ending(), { code: 1, signal: null });
    assert.match(second.stderr, new RegExp(`the pidfile ${folder.path}/app\\.pid is in use: process ${first.pid} is alive\n`));
    assert.equal(readFileSync(`${folder.path}/app.pid`, 'latin1'), `${first.pid}\n`);
  });

  it('is refused, and stays, when a living process has put it in the place of a dead one’s at the last moment', async () => {
    using folder = environmentApp([TCP, 'workers = 1', 'pidfile = app.pid']);
    write(folder, { 'late.mjs': LATE, 'app.pid': '', other: `${process.pid}\n` });
    await using command = Command.appserve(['app.ini'], { cwd: folder.path, nodeArgs: ['--import', './late.mjs'] });
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.match(command.stderr, new RegExp(`the pidfile ${folder.path}/app\\.pid is in use: process ${process.pid} is alive\n`));
    assert.equal(readFileSync(`${folder.path}/app.pid`, 'latin1'), `${process.pid}\n`);
    assert.deepEqual(readdirSync(folder.path).toSorted(), ['app.ini', 'app.mjs', 'app.pid', 'late.mjs']);
  });

  it('is refused when it holds something else, which stays', async () => {
    using folder = environmentApp([TCP, 'workers = 1', 'pidfile = app.mjs']);
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.match(command.stderr, /app\.mjs is in use: it holds something that is no process id/);
    assert.ok(existsSync(`${folder.path}/app.mjs`));
  });

  it('needs its folder', async () => {
    using folder = environmentApp([TCP, 'workers = 1', 'pidfile = missing/app.pid']);
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.match(
      command.stderr,
      /^app\.ini:\d+:11: cannot write the pidfile \S+\/missing\/app\.pid: ENOENT: no such file or directory$/m,
    );
  });

  it('leaves nothing behind where there is no room for it', async () => {
    using folder = environmentApp([TCP, 'workers = 1', 'pidfile = app.pid']);
    const noRoom = ['-c', 'ulimit -f 0 && exec "$@"', 'sh', process.execPath, APPSERVE, 'app.ini'];
    await using command = Command.program('sh', noRoom, { cwd: folder.path });
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.match(command.stderr, /cannot write the pidfile \S+\/app\.pid: EFBIG/);
    assert.deepEqual(readdirSync(folder.path).toSorted(), ['app.ini', 'app.mjs']);
  });

  it('stays when it is of somebody else by now', async () => {
    using folder = environmentApp([TCP, 'workers = 1', 'pidfile = app.pid']);
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    await command.url();
    writeFileSync(`${folder.path}/new`, '1\n');
    renameSync(`${folder.path}/new`, `${folder.path}/app.pid`);
    command.signal('SIGTERM');
    await command.ending();
    assert.equal(readFileSync(`${folder.path}/app.pid`, 'latin1'), '1\n');
  });

  it('stays when it is of somebody else by now who was given the place of ours on the disk', async () => {
    using folder = environmentApp([TCP, 'workers = 1', 'pidfile = app.pid']);
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    await command.url();
    // As with another file whose inode has the number that ours had.
    writeFileSync(`${folder.path}/app.pid`, '1\n');
    command.signal('SIGTERM');
    await command.ending();
    assert.equal(readFileSync(`${folder.path}/app.pid`, 'latin1'), '1\n');
  });

  it('is gone, and the socket and the log with it, when there is no room for what workers share', async () => {
    using folder = environmentApp(['socket = unix:app.sock', 'workers = 1', 'worker_class = process', 'pidfile = app.pid']);
    write(folder, { 'script.mjs': LEFT_OPEN });
    linkPackages(folder);
    const limited = `ulimit -f 50 && exec "${process.execPath}" script.mjs`;
    await using command = Command.program('sh', ['-c', limited], { cwd: folder.path });
    await command.says(/^refused: .*EFBIG.*, 0 descriptors more, app\.ini app\.mjs node_modules own\.log script\.mjs$/m);
  });

  it('is gone when the app cannot be loaded', async () => {
    using folder = environmentApp([TCP, 'workers = 1', 'pidfile = app.pid']);
    writeFileSync(`${folder.path}/app.mjs`, "export function makeApp() { throw new Error('no'); }");
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.equal(existsSync(`${folder.path}/app.pid`), false);
  });
});

describe('chdir and umask', TIMEOUT, () => {
  it('are where the app is, and what its files do not get; sockets begin where the server was started', async () => {
    using folder = environmentApp(['socket = unix:app.sock', 'workers = 1', 'chdir = inner', 'umask = 027'], ['file = new']);
    mkdirSync(`${folder.path}/inner`);
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    await command.url();
    await using client = await RawClient.connect(`${folder.path}/app.sock`);
    await client.send('GET /new-file HTTP/1.1\r\nHost: test\r\n\r\n');
    const { cwd } = JSON.parse((await client.response())!.body) as Around;
    assert.equal(cwd, `${folder.path}/inner`);
    assert.equal(statSync(`${folder.path}/inner/new`).mode & 0o777, 0o640);
    command.signal('SIGTERM');
    await command.ending();
    assert.equal(existsSync(`${folder.path}/app.sock`), false);
  });

  const REFUSED: readonly (readonly [line: string, code: number, says: RegExp])[] = [
    ['chdir = missing', 1, /^app\.ini:\d+:9: cannot change to the folder missing: it does not exist$/m],
    ['chdir = app.ini', 1, /cannot change to the folder app\.ini: it is no folder/],
    ['umask = 8', 2, /umask = 8: must be what new files do not get/],
    ['user = no-such-one', 1, /user = no-such-one: there is no such user/],
    ['group = no-such-one', 1, /group = no-such-one: there is no such group/],
  ];
  for (const [line, code, says] of REFUSED) {
    it(`are refused in words, as is ${line}`, async () => {
      using folder = environmentApp(['socket = unix:app.sock', 'workers = 1', 'pidfile = app.pid', line]);
      await using command = Command.appserve(['app.ini'], { cwd: folder.path });
      assert.deepEqual(await command.ending(), { code, signal: null });
      assert.match(command.stderr, says);
      assert.deepEqual(readdirSync(folder.path).toSorted(), ['app.ini', 'app.mjs']);
    });
  }
});

describe('user and group', TIMEOUT, () => {
  it('are those of every thread, and the app is loaded as them', asUser, async () => {
    using folder = environmentApp([TCP, 'workers = 2', `user = ${USER}`]);
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    const gid = groupOf(USER);
    assert.deepEqual((await around(command)).ids, [`${four(idOf(USER))}; ${four(gid)}; ${gid}`]);
  });

  it('may be numbers without accounts', asUser, async () => {
    using folder = environmentApp([TCP, 'workers = 1', 'user = 12345', 'group = 12346']);
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    assert.deepEqual((await around(command)).ids, [`${four(12_345)}; ${four(12_346)}; 12346`]);
  });

  it('may be a group alone', { skip: unlessRoot() }, async () => {
    using folder = environmentApp([TCP, 'workers = 1', 'group = 12346']);
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    assert.deepEqual((await around(command)).ids, [`${four(0)}; ${four(12_346)}; 12346`]);
  });

  it('leave files behind that they may not remove, which is said', asUser, async () => {
    using folder = environmentApp(['socket = unix:%(here)s/app.sock', 'workers = 1', 'pidfile = app.pid', `user = ${USER}`]);
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    await command.url();
    for (const name of ['app.sock', 'app.pid'])
      assert.match(
        command.stderr,
        new RegExp(`WARN .*${folder.path}/${name} will stay when the server ends: its folder belongs`),
      );
    command.signal('SIGTERM');
    assert.deepEqual(await command.ending(), { code: 0, signal: null });
    assert.ok(existsSync(`${folder.path}/app.sock`));
  });

  it('remove their files from a folder of their own', asUser, async () => {
    const files = ['socket = unix:%(here)s/run/app.sock', 'pidfile = run/app.pid'];
    using folder = environmentApp([...files, 'workers = 1', `user = ${USER}`]);
    mkdirSync(`${folder.path}/run`);
    chownSync(`${folder.path}/run`, idOf(USER), groupOf(USER));
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    await command.url();
    assert.doesNotMatch(command.stderr, /WARN/);
    command.signal('SIGTERM');
    await command.ending();
    assert.deepEqual(readdirSync(`${folder.path}/run`), []);
  });

  it('who may not read the app say so', asUser, async () => {
    using folder = environmentApp([TCP, 'workers = 1', `user = ${USER}`]);
    chmodSync(`${folder.path}/app.mjs`, 0o600);
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.match(command.stderr, /app\.mjs failed while it was imported: EACCES: permission denied, open/);
  });

  it('who may not enter the folder of chdir say so', asUser, async () => {
    using folder = environmentApp([TCP, 'workers = 1', `user = ${USER}`, 'chdir = inner']);
    mkdirSync(`${folder.path}/inner`, { mode: 0o700 });
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.match(command.stderr, /cannot change to the folder inner: permission denied to the user that the server runs as/);
  });

  it('are refused to a process that is not of root', asUser, async () => {
    using folder = environmentApp([TCP, 'workers = 1', 'user = root']);
    const who = [`--reuid=${idOf(USER)}`, `--regid=${groupOf(USER)}`, '--clear-groups'];
    await using command = Command.program('setpriv', [...who, process.execPath, APPSERVE, `${folder.path}/app.ini`]);
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.match(command.stderr, /cannot become user 0 and group 0: only root can, and this process is run by user \d+/);
  });

  it('are refused where root could be regained', asUser, async () => {
    using folder = environmentApp([TCP, 'workers = 1', `user = ${USER}`]);
    // A root that keeps its capabilities when it becomes somebody else.
    const who = ['--securebits=+no_setuid_fixup'];
    await using command = Command.program('setpriv', [...who, process.execPath, APPSERVE, `${folder.path}/app.ini`]);
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.match(command.stderr, /becoming user \d+ and group \d+: root could be regained/);
  });
});
