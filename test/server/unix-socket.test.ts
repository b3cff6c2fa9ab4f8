// The file of a unix socket: how it comes, who may use it, and when it goes.

import assert from 'node:assert/strict';
import fs, {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { describe, it } from 'node:test';
import { toHandler } from '@appserve/core/app';
import { settle, objectLayer } from '@appserve/core/options';
import { HttpServer, Logger } from '@appserve/server';
import { serverOptions } from '@appserve/server/options';
import { get, pathApp } from '../support/apps.ts';
import { RawClient } from '../support/raw-client.ts';
import { idOf, unlessRoot } from '../support/users.ts';
import { temporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 120_000 };
const PATH_BYTES_MAX = 107;

interface Given {
  readonly socketMode?: string;
  readonly socketOwner?: string;
  readonly socketGroup?: string;
}

function newServer(given: Given = {}): HttpServer {
  const { values } = settle(serverOptions, [objectLayer('test', serverOptions, { workers: 1, ...given })]);
  const errors = { write: () => undefined, writelines: () => undefined, flush: () => undefined };
  const handler = toHandler(pathApp, { software: 'appserve/test', errors, multiprocess: false });
  return new HttpServer(handler, values, new Logger('test', 'error', () => undefined));
}

/** A server on that path, which the scope closes. */
async function serve(path: string, given?: Given): Promise<AsyncDisposable & { server: HttpServer }> {
  const server = newServer(given);
  await server.listen(path);
  return { server, [Symbol.asyncDispose]: async () => void (await server.close(0)) };
}

async function bodyFrom(path: string): Promise<string | undefined> {
  await using client = await RawClient.connect(path);
  await client.send(get('/hello'));
  return (await client.response())?.body;
}

/** A socket file as a server leaves it that was killed: bound once, and nobody listens any more. */
async function leaveSocketFile(path: string): Promise<void> {
  const listener = net.createServer().listen(`${path}-moved`);
  await new Promise((resolve) => listener.once('listening', resolve));
  renameSync(`${path}-moved`, path);
  await new Promise((resolve) => listener.close(resolve));
}

/** Does something right before the file of that name is taken away, as another process might. */
function beforeRemoving(path: string, act: () => void): () => void {
  const before = { renameSync: fs.renameSync, unlinkSync: fs.unlinkSync };
  const undo = (): void => {
    Object.assign(fs, before);
    syncBuiltinESMExports();
  };
  const first = (taken: unknown): void => {
    if (taken !== path) return;
    undo();
    act();
  };
  fs.renameSync = (from, to) => {
    first(from);
    before.renameSync(from, to);
  };
  fs.unlinkSync = (taken) => {
    first(taken);
    before.unlinkSync(taken);
  };
  syncBuiltinESMExports();
  return undo;
}

describe('a unix socket', TIMEOUT, () => {
  it('has the permissions of socket_mode, whatever the umask is', async () => {
    using folder = temporaryFolder();
    const before = process.umask(0o077);
    try {
      await using _default = await serve(`${folder.path}/default.sock`);
      assert.equal(lstatSync(`${folder.path}/default.sock`).mode & 0o777, 0o660);
      await using _open = await serve(`${folder.path}/open.sock`, { socketMode: '0666' });
      assert.equal(lstatSync(`${folder.path}/open.sock`).mode & 0o777, 0o666);
    } finally {
      process.umask(before);
    }
  });

  it('belongs to socket_owner and socket_group, by name or number', { skip: unlessRoot() }, async () => {
    using folder = temporaryFolder();
    const given = { socketOwner: 'nobody', socketGroup: '12345', socketMode: '0620' };
    await using _server = await serve(`${folder.path}/app.sock`, given);
    const { uid, gid, mode } = lstatSync(`${folder.path}/app.sock`);
    assert.deepEqual([uid, gid, mode & 0o777], [idOf('nobody'), 12_345, 0o620]);
  });

  it('may be given to a group alone', { skip: unlessRoot() }, async () => {
    using folder = temporaryFolder();
    await using _server = await serve(`${folder.path}/app.sock`, { socketGroup: '12345' });
    const { uid, gid } = lstatSync(`${folder.path}/app.sock`);
    assert.deepEqual([uid, gid], [0, 12_345]);
  });

  for (const key of ['socketOwner', 'socketGroup'] as const) {
    it(`is refused for a ${key} that there is not, and leaves nothing behind`, async () => {
      using folder = temporaryFolder();
      await assert.rejects(serve(`${folder.path}/app.sock`, { [key]: 'no-such-one' }), {
        code: 'ACCOUNT_UNKNOWN',
        message: `${key === 'socketOwner' ? 'socket_owner' : 'socket_group'} = no-such-one: there is no such ${key === 'socketOwner' ? 'user' : 'group'}`,
      });
      assert.deepEqual(readdirSync(folder.path), []);
    });
  }

  it('is of one server only, however many want it at once', async () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/app.sock`;
    const servers = Array.from({ length: 5 }, () => newServer());
    const outcomes = await Promise.allSettled(servers.map(async (server) => server.listen(path)));
    const refused = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [(outcome.reason as { code: string }).code] : [],
    );
    assert.deepEqual(refused, ['ADDRESS_IN_USE', 'ADDRESS_IN_USE', 'ADDRESS_IN_USE', 'ADDRESS_IN_USE']);
    assert.equal(await bodyFrom(path), '/hello');
    for (const server of servers) await server.close(0);
    assert.deepEqual(readdirSync(folder.path), []);
  });

  it('is the only file in its folder: nothing temporary stays behind', async () => {
    using folder = temporaryFolder();
    await using _server = await serve(`${folder.path}/app.sock`);
    assert.deepEqual(readdirSync(folder.path), ['app.sock']);
  });

  it('is gone when its server has closed', async () => {
    using folder = temporaryFolder();
    const { server } = await serve(`${folder.path}/app.sock`);
    await server.close(0);
    assert.deepEqual(readdirSync(folder.path), []);
  });

  it('takes the place of one that a dead server has left', async () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/app.sock`;
    await leaveSocketFile(path);
    assert.ok(lstatSync(path).isSocket());
    await using _server = await serve(path);
    assert.equal(await bodyFrom(path), '/hello');
  });

  it('leaves alone what another server has put in the place of a dead one’s at the last moment', async () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/app.sock`;
    await leaveSocketFile(path);
    await using _other = await serve(`${path}-other`);
    const undo = beforeRemoving(path, () => renameSync(`${path}-other`, path));
    try {
      await assert.rejects(serve(path), { code: 'ADDRESS_IN_USE' });
    } finally {
      undo();
    }
    assert.equal(await bodyFrom(path), '/hello');
    assert.deepEqual(readdirSync(folder.path), ['app.sock']);
  });

  it('is refused where another server answers, which goes on undisturbed', async () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/app.sock`;
    await using _first = await serve(path);
    await assert.rejects(serve(path), { code: 'ADDRESS_IN_USE', message: `unix:${path} is in use` });
    assert.equal(await bodyFrom(path), '/hello');
    assert.deepEqual(readdirSync(folder.path), ['app.sock']);
  });

  const IN_THE_WAY: readonly (readonly [what: string, put: (path: string) => void])[] = [
    ['a file', (path) => writeFileSync(path, 'precious')],
    ['a folder', (path) => mkdirSync(path)],
    ['a link', (path) => symlinkSync('/nowhere', path)],
  ];
  for (const [what, put] of IN_THE_WAY) {
    it(`is refused where ${what} stands, which stays`, async () => {
      using folder = temporaryFolder();
      const path = `${folder.path}/app.sock`;
      put(path);
      const before = lstatSync(path).ino;
      await assert.rejects(serve(path), { code: 'SOCKET_FILE_IN_THE_WAY', message: `${path} exists and is no socket` });
      assert.equal(lstatSync(path).ino, before);
    });
  }

  it('stays when it is no longer ours: a successor has renamed its own into place', async () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/app.sock`;
    const { server: first } = await serve(path);
    await using _second = await serve(`${path}-next`);
    renameSync(`${path}-next`, path);
    await first.close(0);
    assert.equal(await bodyFrom(path), '/hello');
  });

  it('needs its folder', async () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/missing/app.sock`;
    await assert.rejects(serve(path), {
      code: 'ADDRESS_REFUSED',
      message: `cannot listen on unix:${path}: there is no folder ${folder.path}/missing`,
    });
  });

  it('needs a folder for its folder', async () => {
    using folder = temporaryFolder();
    writeFileSync(`${folder.path}/file`, '');
    await assert.rejects(serve(`${folder.path}/file/app.sock`), { name: 'Fault', code: 'ADDRESS_REFUSED' });
  });

  it('needs a name', async () => {
    using folder = temporaryFolder();
    await assert.rejects(serve(`${folder.path}/app.sock/`), { name: 'Fault' });
    assert.deepEqual(readdirSync(folder.path), []);
  });

  it('is refused in words for a path, not for a port', async () => {
    const why = await serve('/proc/app.sock').then(
      () => 'it was not refused',
      (error: Error) => error.message,
    );
    assert.doesNotMatch(why, /ports/);
  });

  it(`may have a path of ${PATH_BYTES_MAX} bytes`, async () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/${'x'.repeat(PATH_BYTES_MAX - folder.path.length - 1)}`;
    await using _server = await serve(path);
    assert.ok(statSync(path).isSocket());
    assert.equal(await bodyFrom(path), '/hello');
    assert.deepEqual(readdirSync(folder.path), [path.slice(folder.path.length + 1)]);
  });

  it(`may have a path of ${PATH_BYTES_MAX} bytes with a short name at its end`, async () => {
    using folder = temporaryFolder();
    const parent = `${folder.path}/${'x'.repeat(PATH_BYTES_MAX - folder.path.length - 3)}`;
    mkdirSync(parent);
    await using _server = await serve(`${parent}/s`);
    assert.equal(await bodyFrom(`${parent}/s`), '/hello');
    assert.deepEqual(readdirSync(parent), ['s']);
  });

  it(`may not have one of ${PATH_BYTES_MAX + 1}: it would be cut`, async () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/${'x'.repeat(PATH_BYTES_MAX - folder.path.length)}`;
    await assert.rejects(serve(path), { code: 'SOCKET_PATH_TOO_LONG' });
    assert.equal(existsSync(path), false);
  });

  it('keeps the permissions that somebody gave it later', async () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/app.sock`;
    await using _server = await serve(path);
    chmodSync(path, 0o600);
    assert.equal(await bodyFrom(path), '/hello');
    assert.equal(lstatSync(path).mode & 0o777, 0o600);
  });
});
