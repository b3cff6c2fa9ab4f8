// Sockets of systemd, passed by the real systemd-socket-activate, which does what the service manager does.

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import net from 'node:net';
import { describe, it } from 'node:test';
import { APPSERVE, Command, connectTo } from '../support/command.ts';
import { environmentApp, type Around } from '../support/environment-app.ts';
import { freePort } from '../../bench/free-port.ts';
import { absent } from '../support/programs.ts';
import { listener } from '../support/listener.ts';
import type { TemporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 2 };
const GET = 'GET / HTTP/1.1\r\nHost: test\r\n\r\n';

async function around(url: string): Promise<Around> {
  await using client = await connectTo(url);
  await client.send(GET);
  return JSON.parse((await client.response())!.body) as Around;
}

/** The addresses stand one for each of `names`, and appserve is run once somebody connects to one of them. */
function activate(folder: TemporaryFolder, addresses: readonly string[], names: readonly string[] = []): Command {
  const options = [
    ...addresses.map((address) => `--listen=${address}`),
    ...(names.length === 0 ? [] : [`--fdname=${names.join(':')}`]),
  ];
  // It passes on few variables only.
  const environment = ['PATH', 'HOME'].map((name) => `--setenv=${name}`);
  return Command.program('systemd-socket-activate', [...options, ...environment, process.execPath, APPSERVE, 'app.ini'], {
    cwd: folder.path,
  });
}

/** It listens on all of them: it says so of each. */
async function listening(command: Command, count: number): Promise<void> {
  await command.says(/^Listening on /m, count);
}

describe('a socket of systemd', { ...TIMEOUT, skip: absent('systemd-socket-activate') }, () => {
  it('is served over TCP by both workers, which see nothing of the variables', async () => {
    using folder = environmentApp(['socket = systemd', 'workers = 2']);
    const url = `http://127.0.0.1:${await freePort()}`;
    await using command = activate(folder, [new URL(url).host]);
    await listening(command, 1);
    const first = await around(url);
    assert.deepEqual([first.variables, first.ofPrograms, first.serverPort], [[], [], new URL(url).port]);
    assert.equal(await command.url(), url);
    // Which worker takes a connection is the kernel's choice: of several at once, one alone seldom takes all.
    const threads = new Set<number>();
    for (let round = 0; round < 200 && threads.size < 2; round += 1)
      for (const { thread } of await Promise.all(Array.from({ length: 10 }, () => around(url)))) threads.add(thread);
    assert.equal(threads.size, 2);
  });

  it('is served where no address is given, also by the process that follows', async () => {
    using folder = environmentApp(['workers = 1']);
    const url = `http://127.0.0.1:${await freePort()}`;
    await using command = activate(folder, [new URL(url).host]);
    await listening(command, 1);
    const { pid } = await around(url);
    process.kill(pid, 'SIGUSR2');
    const [, heir] = await command.says(/process (\d+) serves/);
    // Until it has closed its queue the old one answers who is in it.
    let answered = pid;
    while (answered === pid) answered = (await around(url)).pid;
    assert.equal(answered, Number(heir));
    process.kill(Number(heir), 'SIGTERM');
    await command.ending();
  });

  it('is served over a unix socket, whose file stays: it is not ours', async () => {
    using folder = environmentApp(['socket = None', 'workers = 2']);
    const path = `${folder.path}/app.sock`;
    await using command = activate(folder, [path]);
    await listening(command, 1);
    assert.deepEqual((await around(`unix:${path}`)).variables, []);
    assert.equal(await command.url(), `unix:${path}`);
    command.signal('SIGTERM');
    assert.deepEqual(await command.ending(), { code: 0, signal: null });
    assert.ok(existsSync(path));
  });

  it('may be one of several, TCP and unix: all are served', async () => {
    using folder = environmentApp(['socket = systemd', 'workers = 2']);
    const urls = [`unix:${folder.path}/a.sock`, `http://127.0.0.1:${await freePort()}`, `unix:${folder.path}/b.sock`];
    await using command = activate(
      folder,
      urls.map((url) => url.replace(/^unix:|^http:\/\//, '')),
    );
    await listening(command, 3);
    for (const url of urls) await around(url);
    await command.says(/; ready in/);
    assert.deepEqual(
      Array.from(command.stderr.matchAll(/^ {2}((?:http|unix):\S+)$/gm), ([, url]) => url),
      urls,
    );
  });

  it('is chosen by its name, beside a socket of our own', async () => {
    using folder = environmentApp(['socket = systemd:web', '    unix:own.sock', 'workers = 1']);
    const names = ['a', 'b', 'c'].map((name) => `${folder.path}/${name}.sock`);
    await using command = activate(folder, names, ['web', 'admin', 'web']);
    await listening(command, 3);
    await around(`unix:${names[0]}`);
    await around(`unix:${names[2]}`);
    await around(`unix:${folder.path}/own.sock`);
    await command.says(/; ready in/);
    assert.match(command.stderr, /\/a\.sock\n {2}unix:\S+\/c\.sock\n {2}unix:own\.sock\n {2}1 worker/);
    command.signal('SIGTERM');
    await command.ending();
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => name.endsWith('.sock')),
      ['a.sock', 'b.sock', 'c.sock'],
    );
  });

  it('is taken once, whatever it is called', async () => {
    using folder = environmentApp(['socket = systemd:web systemd', 'workers = 1']);
    await using command = activate(folder, [`${folder.path}/a.sock`], ['web']);
    await listening(command, 1);
    await using _client = await connectTo(`unix:${folder.path}/a.sock`);
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.match(
      command.stderr,
      /cannot listen on systemd: descriptor 3 is taken already by another address\n.*\n.*\n.*name it once/,
    );
  });

  it('is missed by the name that is nearest', async () => {
    using folder = environmentApp(['socket = systemd:wbe', 'workers = 1']);
    await using command = activate(folder, [`${folder.path}/a.sock`], ['web']);
    await listening(command, 1);
    await using _client = await connectTo(`unix:${folder.path}/a.sock`);
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.match(command.stderr, /cannot take the sockets of systemd: none of them is named wbe\n.*\n.*\n.*did you mean web\?/);
  });

  it('is refused when it is no listener of streams', async () => {
    using folder = environmentApp(['socket = systemd', 'workers = 1']);
    const path = `${folder.path}/datagrams.sock`;
    await using command = Command.program(
      'systemd-socket-activate',
      ['--datagram', `--listen=${path}`, '--setenv=PATH', process.execPath, APPSERVE, 'app.ini'],
      { cwd: folder.path },
    );
    await listening(command, 1);
    await using _sender = Command.program('python3', [
      '-c',
      `import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', ${JSON.stringify(path)})`,
    ]);
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.match(command.stderr, /cannot listen on systemd: descriptor 3 is a socket, but not of streams/);
  });
});

describe('socket = systemd', TIMEOUT, () => {
  const REFUSED: readonly (readonly [what: string, env: Readonly<Record<string, string>>, says: RegExp])[] = [
    ['no systemd', {}, /systemd passed none\n.*\n.*\n.*start the socket unit/],
    [
      'sockets of another process',
      { LISTEN_PID: '1', LISTEN_FDS: '1' },
      /they are for process 1 \(LISTEN_PID\), and this is process \d+\n.*\n.*\n.*npm, npx and shells/,
    ],
  ];
  for (const [what, env, says] of REFUSED) {
    it(`is refused in words with ${what}`, async () => {
      using folder = environmentApp(['socket = systemd', 'workers = 1']);
      await using command = Command.appserve(['app.ini'], { cwd: folder.path, env });
      assert.deepEqual(await command.ending(), { code: 1, signal: null });
      assert.match(command.stderr, says);
    });
  }
});

describe('socket = fd:N', TIMEOUT, () => {
  it('is a TCP socket of the parent, known under its real address', async () => {
    using folder = environmentApp(['socket = fd:3', 'workers = 2']);
    const { server, fd } = await listener({ port: 0, host: '127.0.0.1' });
    const { port } = server.address() as net.AddressInfo;
    await using command = Command.appserve(['app.ini'], { cwd: folder.path, descriptors: [fd] });
    // What is left is the child's.
    server.close();
    assert.equal(await command.url(), `http://127.0.0.1:${port}`);
    assert.equal((await around(`http://127.0.0.1:${port}`)).serverPort, String(port));
  });

  it('is a unix socket of the parent as well, beside others', async () => {
    using folder = environmentApp(['socket = fd:4', '    fd:3', 'workers = 1']);
    const unix = await listener({ path: `${folder.path}/app.sock` });
    const tcp = await listener({ port: 0, host: '::1' });
    const { port } = tcp.server.address() as net.AddressInfo;
    await using command = Command.appserve(['app.ini'], { cwd: folder.path, descriptors: [unix.fd, tcp.fd] });
    tcp.server.close();
    await command.says(/; ready in/);
    assert.match(command.stderr, new RegExp(`\n {2}http://\\[::1\\]:${port}\n {2}unix:${folder.path}/app\\.sock\n`));
    unix.server.close();
  });

  const QUEUES: readonly (readonly [what: string, to: (folder: TemporaryFolder) => net.ListenOptions])[] = [
    ['TCP', () => ({ port: 0, host: '127.0.0.1' })],
    ['unix', (folder) => ({ path: `${folder.path}/app.sock` })],
  ];
  for (const [what, to] of QUEUES) {
    it(`keeps the queue that it has: ${what}`, { skip: absent('ss') }, async () => {
      using folder = environmentApp(['socket = fd:3', 'workers = 2']);
      const { server, fd } = await listener({ ...to(folder), backlog: 7 });
      await using command = Command.appserve(['app.ini'], { cwd: folder.path, descriptors: [fd] });
      const url = await command.url();
      await using ss = Command.program('sh', ['-c', 'ss -xltnH 1>&2']);
      await ss.ending();
      const here = url.replace(/^unix:|^http:\/\//, '');
      const row = ss.stderr.split('\n').find((line) => line.split(/\s+/).includes(here));
      assert.equal(row?.split(/\s+/)[3], '7', row);
      server.close();
    });
  }

  const REFUSED: readonly (readonly [what: string, socket: string, says: RegExp])[] = [
    ['nothing', 'fd:99', /cannot listen on fd:99: descriptor 99 is not open\n/],
    ['no socket', 'fd:2', /descriptor 2 is no socket|descriptor 2 is a stream socket, but does not listen/],
    ['one socket twice', 'fd:3 fd:3', /socket = fd:3: must be a list in which each address stands once/],
  ];
  for (const [what, socket, says] of REFUSED) {
    it(`is refused in words when it is ${what}`, async () => {
      using folder = environmentApp([`socket = ${socket}`, 'workers = 1']);
      await using command = Command.appserve(['app.ini'], { cwd: folder.path });
      assert.ok([1, 2].includes((await command.ending()).code!));
      assert.match(command.stderr, says);
    });
  }

  it('is refused when it is a connection', async () => {
    using folder = environmentApp(['socket = fd:3', 'workers = 1']);
    const { server } = await listener({ path: `${folder.path}/app.sock` });
    const client = net.connect(`${folder.path}/app.sock`);
    await new Promise((resolve) => client.once('connect', resolve));
    const { fd } = (client as unknown as { _handle: { fd: number } })._handle;
    await using command = Command.appserve(['app.ini'], { cwd: folder.path, descriptors: [fd] });
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.match(command.stderr, /descriptor 3 is a stream socket, but does not listen; is it a connection\?/);
    client.destroy();
    server.close();
  });

  const IDLE: readonly (readonly [line: string, says: RegExp])[] = [
    ['socket_mode = 0600', /socket and socket_mode: an inherited socket stays as it was made/],
    ['socket_owner = root', /socket and socket_owner/],
    ['backlog = 5', /socket and backlog/],
  ];
  for (const [line, says] of IDLE) {
    it(`has no use for ${line}`, async () => {
      using folder = environmentApp(['socket = fd:3', 'workers = 1', line]);
      await using command = Command.appserve(['app.ini'], { cwd: folder.path });
      assert.deepEqual(await command.ending(), { code: 2, signal: null });
      assert.match(command.stderr, says);
    });
  }
});

describe('a host name', TIMEOUT, () => {
  it('is all of its addresses on one port', async () => {
    using folder = environmentApp(['socket = localhost:0', 'workers = 1']);
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    await command.says(/; ready in/);
    const urls = Array.from(command.stderr.matchAll(/^ {2}(http:\S+)$/gm), ([, url]) => new URL(url!));
    assert.equal(new Set(urls.map(({ port }) => port)).size, 1);
    const { address } = await new Promise<{ address: string }>((resolve, reject) => {
      const socket = net.connect({ host: 'localhost', port: Number(urls[0]!.port) }, () => {
        resolve({ address: socket.remoteAddress! });
        socket.destroy();
      });
      socket.once('error', reject);
    });
    assert.ok(urls.some(({ hostname }) => hostname.replaceAll(/[[\]]/g, '') === address));
  });

  it('that covers another address of the list is told so', async () => {
    const port = await freePort();
    using folder = environmentApp([`socket = 127.0.0.1:${port} :${port}`, 'workers = 1']);
    await using command = Command.appserve(['app.ini'], { cwd: folder.path });
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.match(command.stderr, /another address of this server has that port and covers it/);
  });

  for (const order of [0, 1]) {
    it(`may be every address twice, IPv4 and IPv6, each for itself (${order === 0 ? 'IPv4' : 'IPv6'} first)`, async () => {
      const port = await freePort();
      const addresses = [`0.0.0.0:${port}`, `[::]:${port}`];
      using folder = environmentApp([`socket = ${addresses[order]} ${addresses[1 - order]}`, 'workers = 1']);
      await using command = Command.appserve(['app.ini'], { cwd: folder.path });
      await command.says(/; ready in/);
      assert.equal((await around(`http://127.0.0.1:${port}`)).serverPort, String(port));
    });
  }
});
