// How many app calls run at once in a worker, who waits, and who is sent away.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GatewayApp } from '@appserve/core/app';
import { get, ok, post } from '../support/apps.ts';
import { Deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../support/http-server.ts';
import type { RawClient } from '../support/raw-client.ts';

const TIMEOUT = { timeout: 120_000 };

/** A server whose app answers when it is told to, and knows how many calls run. */
interface Scene extends AsyncDisposable {
  readonly server: TestServer;
  readonly running: ReadonlySet<string>;
  readonly most: () => number;
  /** Lets the calls for that path answer. */
  release(path: string): void;
  /** A client of its own that has asked for that path. */
  ask(path: string): Promise<RawClient>;
}

async function sceneOf(options: TestServerOptions): Promise<Scene> {
  const running = new Set<string>();
  const gates = new Map<string, Deferred>();
  const clients: RawClient[] = [];
  let most = 0;
  const gate = (path: string): Deferred => {
    const made = gates.get(path) ?? new Deferred();
    gates.set(path, made);
    return made;
  };
  const app: GatewayApp = async (environ, startResponse) => {
    const path = environ.PATH_INFO;
    running.add(path);
    most = Math.max(most, running.size);
    await gate(path).promise;
    running.delete(path);
    if (path === '/throws') throw new Error('as it was told to');
    return ok(startResponse, path);
  };
  const server = await startTestServer(app, options);
  return {
    server,
    running,
    most: () => most,
    release: (path) => gate(path).resolve(),
    ask: async (path) => {
      const client = await server.client();
      clients.push(client);
      await client.send(get(path));
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const warnings = ({ server }: Scene): string[] =>
  server.log.filter(({ level }) => level === 'warn').map(({ message }) => message);

describe('concurrency', TIMEOUT, () => {
  it('is how many calls run at once; the others wait their turn', async () => {
    await using scene = await sceneOf({ concurrency: 2, qmonWarnThreshold: 2 });
    const paths = ['/a', '/b', '/c', '/d'];
    const clients: RawClient[] = [];
    for (const path of paths) clients.push(await scene.ask(path));
    await eventually('two of them wait', () => warnings(scene).length === 1);
    for (const path of paths) scene.release(path);
    for (const [index, client] of clients.entries()) assert.equal((await client.response())?.body, paths[index]);
    assert.equal(scene.most(), 2);
  });

  it('is without a limit unless somebody sets one', async () => {
    await using scene = await sceneOf({});
    for (let index = 0; index < 50; index += 1) await scene.ask(`/${index}`);
    await eventually('all of them run', () => scene.running.size === 50);
  });

  it('gives the place of a call that failed to the next', async () => {
    await using scene = await sceneOf({ concurrency: 1 });
    const failing = await scene.ask('/throws');
    const waiting = await scene.ask('/waits');
    scene.release('/throws');
    scene.release('/waits');
    assert.equal((await failing.response())?.status, 500);
    assert.equal((await waiting.response())?.body, '/waits');
  });

  it('counts a call whose client has gone until it has come back', async () => {
    await using scene = await sceneOf({ concurrency: 1, listen: 'tcp', qmonWarnThreshold: 1 });
    const leaving = await scene.ask('/leaves');
    await eventually('it runs', () => scene.running.has('/leaves'));
    leaving.reset();
    await eventually('it is gone', () => scene.server.server.connections === 0);
    const next = await scene.ask('/next');
    await eventually('the next one waits', () => warnings(scene).length === 1);
    assert.ok(!scene.running.has('/next'));
    scene.release('/leaves');
    scene.release('/next');
    assert.equal((await next.response())?.body, '/next');
    assert.equal(scene.most(), 1);
  });

  it('serves a long queue without a deep stack', async () => {
    let called = 0;
    const app: GatewayApp = (environ, startResponse) => {
      called += 1;
      return ok(startResponse, environ.PATH_INFO);
    };
    await using server = await startTestServer(app, { concurrency: 1, queueLimit: Number.POSITIVE_INFINITY });
    const clients = await Promise.all(Array.from({ length: 300 }, async () => server.client()));
    await Promise.all(clients.map(async (client) => client.send(post('/', 'body').repeat(10))));
    for (const client of clients) {
      for (let answer = 0; answer < 10; answer += 1) assert.equal((await client.response())?.status, 200);
      await client[Symbol.asyncDispose]();
    }
    assert.equal(called, 3_000);
  });
});

describe('a full request queue', TIMEOUT, () => {
  it('sends the next request away at once with 503', async () => {
    await using scene = await sceneOf({ concurrency: 1, queueLimit: 1, qmonWarnThreshold: 1 });
    await scene.ask('/runs');
    await eventually('it runs', () => scene.running.size === 1);
    const waiting = await scene.ask('/waits');
    await eventually('the other waits', () => warnings(scene).length === 1);
    const refused = await (await scene.ask('/refused')).response();
    assert.deepEqual([refused?.status, refused?.body], [503, '503 Service Unavailable\nthe request queue is full (1)\n']);
    assert.match(refused!.head, /\r\nRetry-After: 1\r\n.*\r\nConnection: close$/s);
    scene.release('/runs');
    scene.release('/waits');
    assert.equal((await waiting.response())?.body, '/waits');
  });

  it('has room again when somebody has been served', async () => {
    await using scene = await sceneOf({ concurrency: 1, queueLimit: 0 });
    const first = await scene.ask('/first');
    await eventually('it runs', () => scene.running.size === 1);
    assert.equal((await (await scene.ask('/refused')).response())?.status, 503);
    scene.release('/first');
    await first.response();
    const second = await scene.ask('/second');
    scene.release('/second');
    assert.equal((await second.response())?.body, '/second');
  });

  it('does not keep the upload of those whom it sends away', async () => {
    await using scene = await sceneOf({ concurrency: 1, queueLimit: 0, listen: 'tcp' });
    await scene.ask('/runs');
    await eventually('it runs', () => scene.running.size === 1);
    await using client = await scene.server.client();
    await client.send(post('/refused', 'x'.repeat(1_024 * 1_024)));
    assert.equal((await client.response())?.status, 503);
    assert.equal(client.error, undefined);
  });
});

describe('qmon_warn_threshold', TIMEOUT, () => {
  it('warns once when so many requests wait, and again after a pause', async () => {
    await using scene = await sceneOf({ concurrency: 1, qmonWarnThreshold: 2 });
    const clients = [await scene.ask('/1')];
    await eventually('it runs', () => scene.running.size === 1);
    for (const path of ['/2', '/3', '/4']) clients.push(await scene.ask(path));
    await eventually('they wait', () => warnings(scene).length === 1);
    for (const path of ['/1', '/2', '/3', '/4']) scene.release(path);
    for (const client of clients) await client.response();
    const later = [await scene.ask('/5')];
    await eventually('it runs', () => scene.running.has('/5'));
    for (const path of ['/6', '/7']) later.push(await scene.ask(path));
    await eventually('they wait', () => warnings(scene).length === 2);
    assert.deepEqual(warnings(scene), ['2 requests in queue', '2 requests in queue']);
  });
});
