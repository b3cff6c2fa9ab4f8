// What systemd is told, over a real unix datagram socket; Python has one, which Node has not.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { notifyAddress, readyMessage, reloadingMessage, statusMessage, watchdogMsOf } from '@appserve/server/machines';
import { Command, write } from '../support/command.ts';
import { environmentApp, type Around } from '../support/environment-app.ts';
import { absent } from '../support/programs.ts';
import { linkPackages, temporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 2 };

const WATCHDOGS: readonly (readonly [what: string, environment: Record<string, string>, everyMs: number | undefined])[] = [
  ['nobody waits', {}, undefined],
  ['half of the time', { WATCHDOG_USEC: '30000000' }, 15_000],
  ['our id', { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' }, 15_000],
  ['the id of another process', { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }, undefined],
  ['no number', { WATCHDOG_USEC: 'x' }, undefined],
  ['zero', { WATCHDOG_USEC: '0' }, undefined],
  ['less than a millisecond', { WATCHDOG_USEC: '10' }, 1],
  ['more than a timer can wait', { WATCHDOG_USEC: '999999999999999999' }, 2 ** 31 - 1],
];

describe('the words to a service manager', () => {
  for (const [what, environment, everyMs] of WATCHDOGS) {
    it(`feed the watchdog: ${what}`, () => assert.equal(watchdogMsOf(environment, 7), everyMs));
  }

  it('are lines', () => {
    assert.equal(readyMessage('2 workers', true), 'READY=1\nSTATUS=2 workers');
    assert.equal(readyMessage('2 workers', false), 'STATUS=2 workers');
    assert.equal(reloadingMessage(12_345n), 'RELOADING=1\nMONOTONIC_USEC=12345');
  });

  it('are no assignments where text would make them', () => {
    assert.equal(statusMessage('x\nREADY=1\r\n'), 'STATUS=x READY=1 ');
  });

  const family = [...Buffer.from(Uint16Array.of(1).buffer)];
  const ADDRESSES: readonly (readonly [name: string, bytes: readonly number[] | undefined])[] = [
    ['/a', [...family, 0x2f, 0x61, 0]],
    ['@a', [...family, 0, 0x61]],
    ['@', undefined],
    ['', undefined],
    ['relative', undefined],
    ['vsock:2:1234', undefined],
    [`/${'x'.repeat(107)}`, undefined],
  ];
  for (const [name, bytes] of ADDRESSES) {
    it(`go to ${name || 'nowhere'}: ${bytes === undefined ? 'it is not known' : 'as the kernel calls it'}`, () => {
      const address = notifyAddress(name);
      assert.deepEqual(address && [...address], bytes);
    });
  }
});

/** Listens where NOTIFY_SOCKET says, and writes each message as a line of JSON. */
const LISTENER = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace('@', '\\0'))
BUSY
print('bound', file=sys.stderr, flush=True)
while True:
    print(json.dumps(s.recv(4096).decode()), file=sys.stderr, flush=True)
`;

/** Fills its own queue, and reads nothing before it is told to. */
const BUSY = `
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
t = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
t.setblocking(False)
try:
    while True:
        t.sendto(b'full', sys.argv[1])
except BlockingIOError:
    pass
print('bound', file=sys.stderr, flush=True)
signal.sigwait({signal.SIGUSR1})
`;

async function manager(name: string, before = ''): Promise<Command> {
  const command = Command.program('python3', ['-c', LISTENER.replace('BUSY', before), name]);
  await command.says(/^bound$/m);
  return command;
}

function heard(command: Command): readonly string[] {
  return Array.from(command.stderr.matchAll(/^".*"$/gm), ([line]) => JSON.parse(line) as string);
}

describe('a service manager', { ...TIMEOUT, skip: absent('python3') }, () => {
  const NAMES: readonly (readonly [what: string, nameIn: (folder: string) => string])[] = [
    ['a path', (folder) => `${folder}/notify.sock`],
    ['an abstract name', (folder) => `@${folder}`],
  ];
  for (const [what, nameIn] of NAMES) {
    it(`is told when the server is ready and when it stops, over ${what}`, async () => {
      using folder = environmentApp(['socket = 127.0.0.1:0', 'workers = 2']);
      const name = nameIn(folder.path);
      await using listener = await manager(name);
      await using command = Command.appserve(['app.ini'], { cwd: folder.path, env: { NOTIFY_SOCKET: name } });
      const url = await command.url();
      await listener.says(/READY=1/);
      command.signal('SIGTERM');
      await command.ending();
      await listener.says(/STOPPING=1/);
      assert.deepEqual(heard(listener), [`READY=1\nSTATUS=2 workers on ${url}`, 'STOPPING=1\nSTATUS=stopping']);
    });
  }

  it('hears of no reload that a server does not begin', async () => {
    using folder = environmentApp(['socket = 127.0.0.1:0', 'workers = 2', 'stop_delay = 60s']);
    const name = `${folder.path}/notify.sock`;
    await using listener = await manager(name);
    await using command = Command.appserve(['app.ini'], { cwd: folder.path, env: { NOTIFY_SOCKET: name } });
    const url = await command.url();
    command.signal('SIGTERM');
    await command.says(/not ready any more/);
    command.signal('SIGHUP');
    await command.says(/SIGHUP: it is stopping/);
    command.signal('SIGTERM');
    await command.ending();
    await listener.says(/STOPPING=1/);
    assert.deepEqual(heard(listener), [`READY=1\nSTATUS=2 workers on ${url}`, 'STOPPING=1\nSTATUS=stopping']);
  });

  it('hears the watchdog again and again, and the workers know nothing of it', async () => {
    using folder = environmentApp(['socket = 127.0.0.1:0', 'workers = 1']);
    const name = `${folder.path}/notify.sock`;
    await using listener = await manager(name);
    const env = { NOTIFY_SOCKET: name, WATCHDOG_USEC: '40000' };
    await using command = Command.appserve(['app.ini'], { cwd: folder.path, env });
    await listener.says(/WATCHDOG=1/, 5);
    const { variables, ofPrograms } = JSON.parse((await command.get('/'))!.body) as Around;
    assert.deepEqual([variables, ofPrograms], [[], []]);
    assert.match(heard(listener)[0]!, /^READY=1\n/);
  });

  it('that is busy hears it later, and holds up nobody meanwhile', async () => {
    using folder = environmentApp(['socket = 127.0.0.1:0', 'workers = 1']);
    const name = `${folder.path}/notify.sock`;
    await using listener = await manager(name, BUSY);
    const env = { NOTIFY_SOCKET: name, WATCHDOG_USEC: '2000' };
    await using command = Command.appserve(['app.ini'], { cwd: folder.path, env });
    assert.equal((await command.get('/'))?.status, 200);
    assert.deepEqual(heard(listener), []);
    listener.signal('SIGUSR1');
    await listener.says(/WATCHDOG=1/, 3);
    command.signal('SIGTERM');
    await command.ending();
    const [first, second] = heard(listener).filter((message) => message !== 'full');
    assert.match(first!, /^READY=1\n/);
    assert.equal(second, 'WATCHDOG=1');
    assert.doesNotMatch(command.stderr, /cannot be told/);
  });

  it('hears nothing of a server that does not come to serving, but that it stops', async () => {
    using folder = environmentApp(['socket = 127.0.0.1:0', 'workers = 1']);
    write(folder, { 'app.mjs': "export function makeApp() { throw new Error('no'); }" });
    const name = `${folder.path}/notify.sock`;
    await using listener = await manager(name);
    await using command = Command.appserve(['app.ini'], { cwd: folder.path, env: { NOTIFY_SOCKET: name } });
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    await listener.says(/STOPPING=1/);
    assert.deepEqual(heard(listener), ['STOPPING=1\nSTATUS=stopping']);
  });

  it('is told which process the service is when another one takes its place, and nothing of an end', async () => {
    using folder = environmentApp(['socket = 127.0.0.1:0', 'workers = 1']);
    const name = `${folder.path}/notify.sock`;
    await using listener = await manager(name);
    const env = { NOTIFY_SOCKET: name, WATCHDOG_USEC: '40000' };
    await using command = Command.appserve(['app.ini'], { cwd: folder.path, env });
    await command.url();
    command.signal('SIGUSR2');
    const [, heir] = await command.says(/process (\d+) serves/);
    await listener.says(new RegExp(`MAINPID=${heir}\\\\nREADY=1\\\\nWATCHDOG=1`));
    // The other one speaks for itself, and feeds the watchdog; then it stops.
    await listener.says(/WATCHDOG=1/, 10);
    process.kill(Number(heir), 'SIGTERM');
    await command.ending();
    await listener.says(/STOPPING=1/);
    const words = heard(listener).map((message) => message.split('\n')[0]!);
    assert.deepEqual(words.filter((word) => word !== 'WATCHDOG=1').toSorted(), [
      `MAINPID=${heir}`,
      'READY=1',
      'READY=1',
      'STOPPING=1',
    ]);
  });

  it('is told of the other process also when this one ends of itself before, and of no stop', async () => {
    using folder = environmentApp(['socket = 127.0.0.1:0', 'workers = 1', 'idle_exit = 6s']);
    const name = `${folder.path}/notify.sock`;
    await using listener = await manager(name);
    await using command = Command.appserve(['app.ini'], { cwd: folder.path, env: { NOTIFY_SOCKET: name } });
    await command.url();
    write(folder, { 'app.mjs': "console.error('loading'); await new Promise(() => setInterval(() => 0, 1e6));" });
    command.signal('SIGUSR2');
    const [, heir] = await command.says(/process (\d+) is starting/);
    await command.says(/^loading$/m);
    await listener.says(new RegExp(`MAINPID=${heir}`));
    assert.doesNotMatch(listener.stderr, /STOPPING=1/);
    process.kill(Number(heir), 'SIGTERM');
    await command.ending();
  });

  it('is told once of a process with two servers: ready with both, stopping with the last', async () => {
    using folder = temporaryFolder();
    linkPackages(folder);
    const script = [
      "import { serve } from '@appserve/server';",
      "const app = () => new Response('x');",
      "const [first, second] = await Promise.all([serve(app, '127.0.0.1:0'), serve(app, '127.0.0.1:0')]);",
      'await first.close();',
      "process.once('SIGWINCH', () => second.close());",
      "console.error('the first is closed');",
    ];
    write(folder, { 'script.mjs': script.join('\n') });
    const name = `${folder.path}/notify.sock`;
    await using listener = await manager(name);
    await using command = Command.node(['script.mjs'], { cwd: folder.path, env: { NOTIFY_SOCKET: name } });
    await command.says(/^the first is closed$/m);
    await listener.says(/READY=1/);
    command.signal('SIGWINCH');
    await command.ending();
    await listener.says(/STOPPING=1/);
    const words = heard(listener).map((message) => message.replaceAll(/STATUS=.*/g, 'STATUS'));
    assert.deepEqual(words, ['STATUS', 'READY=1\nSTATUS', 'STOPPING=1\nSTATUS']);
  });
});

describe('a service manager that is not there', TIMEOUT, () => {
  const NAMES: readonly (readonly [name: string, says: RegExp])[] = [
    ['/nowhere/notify', /no such file or directory \(ENOENT\)/],
    ['vsock:2:1234', /it is neither a path nor an abstract name/],
  ];
  for (const [name, says] of NAMES) {
    it(`is missed once, and the server serves: ${name}`, async () => {
      using folder = environmentApp(['socket = 127.0.0.1:0', 'workers = 1']);
      const env = { NOTIFY_SOCKET: name, WATCHDOG_USEC: '2000' };
      await using command = Command.appserve(['app.ini'], { cwd: folder.path, env });
      assert.equal((await command.get('/'))?.status, 200);
      command.signal('SIGTERM');
      assert.deepEqual(await command.ending(), { code: 0, signal: null });
      assert.match(command.stderr, says);
      assert.equal(command.stderr.match(/cannot be told/g)?.length, 1);
    });
  }
});
