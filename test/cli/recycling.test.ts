// Workers that hang, or have served their time: others take their place, with real threads, and nobody else notices.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { write } from '../support/command.ts';
import { serveApp, serveIni, type Served } from '../support/fleet.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };
const DAY_MS = 24 * 3_600_000;
const LINES = ['socket = 127.0.0.1:0', 'workers = 2'];

function served(...lines: readonly string[]): Served {
  return serveIni([...LINES, ...lines]);
}

async function thread({ command }: Served): Promise<string> {
  return (await command.get('/thread'))?.body ?? 'nobody';
}

/** Asks until another thread answers. */
async function untilAnother(server: Served, first: string): Promise<void> {
  while ((await thread(server)) === first);
}

describe('a worker that hangs', TIMEOUT, () => {
  it('is named with its request and the stack it hangs in, and replaced; its client is let go, others are served', async () => {
    await using server = served('worker_timeout = 1s');
    await using client = await server.command.client();
    await client.send('GET /spin HTTP/1.1\r\nHost: test\r\n\r\n');
    await server.command.says(/spinning/);
    assert.equal((await server.command.get('/'))?.body, 'hello');
    const [, worker] = await server.command.says(
      /(worker-\d) has not turned its event loop for \d s \(worker_timeout\), in GET \/spin\n\s+at .*app\.mjs:\d+/,
    );
    // A closed connection, and not silence for ever.
    assert.equal(await client.untilEnd(), '');
    assert.match(worker!, /^worker-[12]$/);
    for (let time = 0; time < 8; time += 1) assert.equal((await server.command.get('/'))?.body, 'hello');
    server.command.signal('SIGTERM');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });

  it('does not keep the server from stopping', async () => {
    await using server = served('worker_timeout = 1s', 'graceful_timeout = 20s');
    await using client = await server.command.client();
    await client.send('GET /spin HTTP/1.1\r\nHost: test\r\n\r\n');
    await server.command.says(/spinning/);
    server.command.signal('SIGTERM');
    assert.deepEqual(await server.command.ending(), { code: 0, signal: null });
  });
});

describe('a worker that has served its time', TIMEOUT, () => {
  it('is replaced after so many requests, and no request fails', async () => {
    await using server = serveIni(['socket = 127.0.0.1:0', 'workers = 1', 'max_requests = 20']);
    const first = await thread(server);
    await untilAnother(server, first);
    await server.command.says(/worker-1 has answered [\d,]+ requests \(max_requests\): another one takes its place/);
  });

  it('goes on while nobody can load the app, which is tried again after longer and longer waits', async () => {
    await using server = serveIni(['socket = 127.0.0.1:0', 'workers = 1', 'max_requests = 5']);
    await server.command.url();
    write(server.folder, { 'app.mjs': "export const makeApp = () => { throw new Error('no database'); };" });
    for (let times = 0; times < 6; times += 1) assert.equal((await server.command.get('/'))?.body, 'hello');
    const replaced = /^\S+ (\d+):(\d+):(\d+),(\d+) .* another one takes its place$/m;
    const [first, second] = [await server.command.says(replaced), await server.command.says(replaced, 2)].map(([, ...time]) =>
      new Date(0).setHours(...(time.map(Number) as [number, number, number, number])),
    );
    // Midnight may have been between them.
    const betweenMs = (second! - first! + DAY_MS) % DAY_MS;
    assert.ok(betweenMs >= 1_300, `${betweenMs} ms lie between two tries`);
    await server.command.says(/no database/, 2);
    assert.equal((await server.command.get('/'))?.body, 'hello');
    write(server.folder, { 'app.mjs': "export const makeApp = () => () => new Response('mended');" });
    await server.command.answers('/', 'mended');
  });

  it('is replaced after so much time', async () => {
    await using server = serveIni(['socket = 127.0.0.1:0', 'workers = 1', 'max_worker_lifetime = 1s'], [], {});
    const first = await thread(server);
    await untilAnother(server, first);
    await server.command.says(/worker-1 has served for \d s \(max_worker_lifetime\): another one takes its place/);
  });
});

describe('a worker that needs more memory than it may have', TIMEOUT, () => {
  it('ends and is replaced, and the others go on', async () => {
    const eater =
      'const held = []; export const makeApp = () => (request) => { if (request.url.endsWith("/eat")) for (;;) held.push(new Array(1e5).fill(held.length)); return new Response("hello"); };';
    await using server = serveApp(eater, [...LINES, 'heap_limit = 32MiB']);
    await server.command.url();
    await using client = await server.command.client();
    await client.send('GET /eat HTTP/1.1\r\nHost: test\r\n\r\n');
    await server.command.says(/worker-\d ended with code 1: .*(?:memory|heap)/i);
    assert.equal(await client.untilEnd(), '');
    assert.equal((await server.command.get('/'))?.body, 'hello');
  });
});
