// A stop that is delayed: who balances hears of it, and who has not heard is still answered.

import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, it } from 'node:test';
import { newFleet, supervise, type Command as FleetCommand, type Fleet, type Happening } from '@appserve/server/machines';
import { connectTo, write, type Command } from '../support/command.ts';
import { serveApp, serveIni, type Served } from '../support/fleet.ts';
import { FrameClient } from '../support/frame-client.ts';
import type { RawClient } from '../support/raw-client.ts';

const GRACE_MS = 30_000;
const DELAY_MS = 5_000;
const LATER_MS = 60_000;
const STOP: Happening = { type: 'stop', delayMs: DELAY_MS };

interface Scene {
  readonly fleet: Fleet;
  readonly commands: readonly FleetCommand[];
}

function happens({ fleet }: Scene, happening: Happening): Scene {
  const [next, commands] = supervise(fleet, happening, LATER_MS);
  return { fleet: next, commands };
}

function after(scene: Scene, happenings: readonly Happening[]): Scene {
  return happenings.reduce(happens, scene);
}

function serving(size: number): Scene {
  const ready = Array.from({ length: size }, (_, index): Happening => ({ type: 'ready', id: index + 1 }));
  return after({ fleet: newFleet(size, GRACE_MS), commands: [] }, [{ type: 'start' }, ...ready]);
}

function exited(id: number): Happening {
  return { type: 'exited', id, code: 7, error: undefined };
}

const DRAIN_BOTH: readonly FleetCommand[] = [
  { do: 'close-sockets' },
  { do: 'drain', id: 1, graceMs: GRACE_MS, isPatient: true },
  { do: 'drain', id: 2, graceMs: GRACE_MS, isPatient: true },
];

describe('a fleet that shall stop after a while', () => {
  it('goes on serving, and tells its clients', () => {
    const { fleet, commands } = happens(serving(2), STOP);
    assert.equal(fleet.phase, 'leaving');
    assert.deepEqual(commands, [
      { do: 'linger', forMs: DELAY_MS },
      { do: 'forewarn', id: 1 },
      { do: 'forewarn', id: 2 },
    ]);
  });

  it('then drains, with patience for connections that balancers keep', () => {
    const { fleet, commands } = after(serving(2), [STOP, { type: 'left' }]);
    assert.equal(fleet.phase, 'stopping');
    assert.deepEqual(commands, DRAIN_BOTH);
  });

  it('drains without further delay when it is asked again, and cuts what is under way at the third time', () => {
    const again = after(serving(2), [STOP, { ...STOP, isPatient: true }]);
    assert.equal(again.fleet.phase, 'stopping');
    assert.deepEqual(again.commands, DRAIN_BOTH);
    assert.deepEqual(happens(again, { type: 'left' }).commands, []);
    assert.deepEqual(happens(again, STOP).commands, [
      { do: 'terminate', id: 1 },
      { do: 'terminate', id: 2 },
    ]);
  });

  it('replaces a worker that dies, and has the new one tell its clients too', () => {
    const dead = after(serving(1), [STOP, exited(1)]);
    assert.deepEqual(dead.commands, [{ do: 'spawn', id: 2, slot: 1, generation: 1, afterMs: 0, why: 'death' }]);
    assert.deepEqual(happens(dead, { type: 'ready', id: 2 }).commands, [
      { do: 'accept', id: 2 },
      { do: 'forewarn', id: 2 },
    ]);
  });

  it('begins no reload, and gives up one that is under way', () => {
    assert.deepEqual(after(serving(1), [STOP, { type: 'reload', size: 1 }]).commands, []);
    const { fleet, commands } = after(serving(1), [{ type: 'reload', size: 1 }, STOP]);
    assert.equal(fleet.reloading, undefined);
    assert.deepEqual(commands, [
      { do: 'linger', forMs: DELAY_MS },
      { do: 'drain', id: 2, graceMs: 0, isPatient: true },
      { do: 'forewarn', id: 1 },
    ]);
  });

  it('is not hurried by its own wish', () => {
    const idle = after(serving(1), [STOP, { type: 'stop', isAsked: false, delayMs: DELAY_MS }]);
    assert.deepEqual([idle.fleet.phase, idle.commands], ['leaving', []]);
  });

  for (const [why, happening] of [
    ['of itself', { ...STOP, isAsked: false }],
    ['while another process serves', { ...STOP, isAsked: false, isPatient: true }],
  ] as const) {
    it(`waits for nothing where it stops ${why}`, () => {
      assert.equal(happens(serving(1), happening).fleet.phase, 'stopping');
    });
  }

  it('waits for nothing before it serves', () => {
    const { fleet } = after({ fleet: newFleet(1, GRACE_MS), commands: [] }, [{ type: 'start' }, STOP]);
    assert.equal(fleet.phase, 'stopping');
  });
});

/** What a probe is told. */
function readiness(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ port, host: '127.0.0.1', path: '/-/ready', agent: false }, (response) => {
      let text = `${response.statusCode} `;
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve(text.trim()));
    });
    request.on('error', reject);
  });
}

const GET = 'GET / HTTP/1.1\r\nHost: test\r\n\r\n';
const TIMEOUT = { timeout: 240_000, concurrency: 2 };

describe('stop_delay', TIMEOUT, () => {
  for (const lines of [['dispatch = shared'], ['dispatch = balanced'], ['worker_class = process'], ['worker_class = inline']]) {
    it(`has a server be not ready, and answer, before it stops: ${lines.join()}`, async () => {
      const all = ['socket = 127.0.0.1:0', 'workers = 1', 'metrics = 127.0.0.1:0', 'max_reuse_count = unlimited'];
      await using server = serveIni([...all, 'stop_delay = 6s', ...lines]);
      const { command } = server;
      const url = await command.url();
      const [, port] = await command.says(/metrics and status page: http:\/\/127\.0\.0\.1:(\d+)\//);
      await using kept = await connectTo(url);
      await kept.send(GET);
      assert.doesNotMatch((await kept.response())!.head, /^connection: close/im);
      assert.equal(await readiness(Number(port)), '200 ready');
      const sinceMs = performance.now();
      command.signal('SIGTERM');
      await command.says(/not ready any more; requests are answered for 6 s \(stop_delay\) before it stops; asked a second time/);
      assert.equal(await readiness(Number(port)), '503 leaving');
      for (const connect of [async () => kept, () => connectTo(url)]) {
        const client: RawClient = await connect();
        await client.send(GET);
        const response = await client.response();
        assert.equal(response?.body, 'hello');
        assert.match(response.head, /^connection: close$/im);
        await client.untilEnd();
      }
      await using idle = await connectTo(url);
      assert.deepEqual(await command.ending(), { code: 0, signal: null });
      assert.ok(performance.now() - sinceMs >= 6_000);
      assert.equal(await idle.untilEnd(), '');
    });
  }

  it('leaves WebSockets alone until it is over, those that come meanwhile too', async () => {
    await using server = serveApp('export const makeApp = () => ({ message: (socket, message) => socket.send(message) });', [
      'socket = 127.0.0.1:0',
      'workers = 1',
      'max_reuse_count = unlimited',
      'stop_delay = 6s',
    ]);
    const { port } = new URL(await server.command.url());
    await using early = await FrameClient.open(Number(port), '/');
    server.command.signal('SIGTERM');
    await server.command.says(/not ready any more/);
    await using late = await FrameClient.open(Number(port), '/');
    for (const client of [early, late]) {
      client.send('text hello');
      assert.equal(await client.hear(), 'text hello');
    }
    for (const client of [early, late]) assert.match(await client.hear(), /^close 1001/);
    for (const client of [early, late]) client.send('close 1001');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });

  for (const dispatch of ['shared', 'balanced']) {
    it(`is cut short by a second signal, and what is under way is answered: dispatch = ${dispatch}`, async () => {
      await using server = await stoppedTwice(dispatch);
      const { client, idle, command, folder } = server;
      await idle.untilEnd();
      write(folder, { go: '' });
      assert.equal((await client.response())?.body, 'answered');
      assert.deepEqual(await command.ending(), { code: 0, signal: null });
    });
  }

  it('is followed by no patience where a third signal comes: what is under way is cut', async () => {
    await using server = await stoppedTwice('shared');
    server.command.signal('SIGTERM');
    await server.command.says(/SIGTERM: again: what is under way is cut/);
    assert.equal(await server.client.response(), undefined);
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });
});

/** Answers when a file stands beside it. */
const WAITING_APP = `
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

export const makeApp = () => async () => {
  console.error('a request has come');
  while (!existsSync(new URL('go', import.meta.url))) await setTimeout(20);
  return new Response('answered');
};
`;

interface StoppedTwice extends AsyncDisposable {
  readonly command: Command;
  readonly folder: Served['folder'];
  /** Its request is under way. */
  readonly client: RawClient;
  readonly idle: RawClient;
}

async function stoppedTwice(dispatch: string): Promise<StoppedTwice> {
  const server = serveApp(WAITING_APP, ['socket = 127.0.0.1:0', 'workers = 1', 'stop_delay = 60s', `dispatch = ${dispatch}`]);
  const { command, folder } = server;
  const url = await command.url();
  const [client, idle] = [await connectTo(url), await connectTo(url)];
  await client.send(GET);
  await command.says(/a request has come/);
  command.signal('SIGTERM');
  await command.says(/not ready any more/);
  command.signal('SIGTERM');
  await command.says(/SIGTERM: again: the delay is over \(stop_delay\)/);
  const dispose = async (): Promise<void> => {
    for (const one of [client, idle, server]) await one[Symbol.asyncDispose]();
  };
  return { command, folder, client, idle, [Symbol.asyncDispose]: dispose };
}
