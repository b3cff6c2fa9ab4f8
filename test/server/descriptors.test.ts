// A process that has used up its descriptors (EMFILE): clients wait in the kernel's queue, and none of them is dropped. libuv would
// accept them by a descriptor that it keeps for this, and close them at once, without a word.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { oneOf } from '../support/attempts.ts';
import { get, pathApp } from '../support/apps.ts';
import { connectTo } from '../support/command.ts';
import { eventually } from '../support/eventually.ts';
import { serveIni, type Served } from '../support/fleet.ts';
import { startTestServer } from '../support/http-server.ts';
import type { RawClient } from '../support/raw-client.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 2 };
/** A process with two workers has 35 before the first client has come. More clients than these cannot be served at once. */
const DESCRIPTORS_MAX = 160;
/** A fifth of it is enough for the threads of a reload. */
const DESCRIPTORS_FOR_RELOAD = 800;
const MEASURED_MS = 1_000;
const LINES = ['socket = 127.0.0.1:0', 'workers = 2', 'max_reuse_count = unlimited', 'keepalive_timeout = 60'];
const SHORT = /has nearly all the descriptors that it may have \(ulimit -n is \d+\): the kernel queues/;

/** Clients that ask, and those of them that were answered so far. */
class Crowd implements AsyncDisposable {
  readonly clients: RawClient[] = [];
  readonly answered = new Set<RawClient>();
  readonly dropped = new Set<RawClient>();

  async grow(url: string, count: number): Promise<void> {
    for (let made = 0; made < count; made += 1) {
      const client = await connectTo(url);
      this.clients.push(client);
      await client.send(get('/'));
      void client.response().then(
        (answer) => (answer === undefined ? this.dropped : this.answered).add(client),
        () => this.dropped.add(client),
      );
    }
  }

  /** Those who have been answered leave, which makes room for others. */
  async untilAllAreServed(): Promise<void> {
    while (this.answered.size + this.dropped.size < this.clients.length) {
      const before = this.answered.size;
      for (const client of this.answered) await client[Symbol.asyncDispose]();
      await eventually('more are answered', () => this.answered.size > before);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.clients) await client[Symbol.asyncDispose]();
  }
}

/** What its threads have used of the processors. Fields 14 and 15 of proc_pid_stat(5), in ticks of 10 ms. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function served(dispatch: string, descriptorsMax = DESCRIPTORS_MAX): Served {
  return serveIni([...LINES, `dispatch = ${dispatch}`], [], { descriptorsMax });
}

for (const dispatch of ['shared', 'balanced'] as const)
  describe(`a process that has nearly all its descriptors, dispatch = ${dispatch}`, TIMEOUT, () => {
    it('lets further clients wait, says so once, and serves them when others have left', async () => {
      await using server = served(dispatch);
      const url = await server.command.url();
      await using crowd = new Crowd();
      await crowd.grow(url, DESCRIPTORS_MAX);
      await server.command.says(SHORT);
      await eventually('some are answered', () => crowd.answered.size > 0);
      assert.equal(crowd.dropped.size, 0);
      assert.ok(crowd.answered.size < DESCRIPTORS_MAX, `${crowd.answered.size} were answered`);
      await crowd.untilAllAreServed();
      assert.equal(crowd.dropped.size, 0);
      const told = server.command.stderr.split('\n').filter((line) => SHORT.test(line));
      assert.ok(told.length <= 2, `once for each worker:\n${told.join('\n')}`);
      assert.doesNotMatch(server.command.stderr, / ERROR /);
    });

    it('costs no processor time while they wait', { skip: process.platform !== 'linux' && 'there is no /proc' }, async () => {
      await using server = served(dispatch);
      await using crowd = new Crowd();
      await crowd.grow(await server.command.url(), DESCRIPTORS_MAX);
      await server.command.says(SHORT);
      // A slow machine may still be answering the first ones; who asks the kernel again and again does so in each second.
      await oneOf(10, async () => {
        const beforeMs = processorMs(server.command.pid);
        // Not to wait for anything: this is the time that is measured.
        await later(MEASURED_MS);
        const usedMs = processorMs(server.command.pid) - beforeMs;
        assert.ok(usedMs < MEASURED_MS / 4, `${usedMs} ms of ${MEASURED_MS} ms`);
      });
    });

    it('because of its app, notices that between two connections, and lets clients wait', async () => {
      await using server = served(dispatch);
      const url = await server.command.url();
      await using leaking = await connectTo(url);
      await leaking.send(get('/open?1000'));
      assert.equal((await leaking.response())?.status, 200);
      await server.command.says(SHORT, dispatch === 'shared' ? 2 : 1);
      await using crowd = new Crowd();
      await crowd.grow(url, 10);
      await leaking.send(get('/shut'));
      assert.equal((await leaking.response())?.status, 200);
      await crowd.untilAllAreServed();
      assert.equal(crowd.dropped.size, 0);
    });

    it('reloads all the same: some are kept for that', async () => {
      await using server = served(dispatch, DESCRIPTORS_FOR_RELOAD);
      await using crowd = new Crowd();
      await crowd.grow(await server.command.url(), DESCRIPTORS_FOR_RELOAD);
      await server.command.says(SHORT);
      server.command.signal('SIGHUP');
      await server.command.says(/ reloaded: /);
      await crowd.untilAllAreServed();
      assert.equal(crowd.dropped.size, 0);
    });
  });

describe('accept(2) that fails', { timeout: 120_000 }, () => {
  // As Node tells it. libuv tries EMFILE again at once, and for ever.
  const ERRORS: readonly (readonly [code: string, says: RegExp])[] = [
    ['EMFILE', /nearly all the descriptors/],
    ['ENFILE', /nearly all the descriptors/],
    ['ECONNABORTED', /^a connection was not accepted: /],
  ];
  for (const [code, says] of ERRORS) {
    it(`with ${code} is told, and does not end it`, async (test) => {
      const make = test.mock.method(net, 'createServer');
      await using server = await startTestServer(pathApp);
      const listener = make.mock.calls[0]!.result!;
      listener.emit('error', Object.assign(new Error(`accept ${code}`), { code }));
      assert.equal(listener.listening, code === 'ECONNABORTED');
      await using client = await server.client();
      await client.send(get('/after'));
      assert.equal((await client.response())?.body, '/after');
      assert.equal(server.log.length, 1);
      assert.match(server.log[0]!.message, says);
    });
  }
});
