// What a worker does not load: the tables of options, with the zod that is in their file, are the main thread's alone. And what neither
// loads unless it is needed, in how few files, so that a server starts soon: a file costs half a millisecond, whatever is in it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command, write } from '../support/command.ts';
import { serveIni } from '../support/fleet.ts';
import { listingModules, loadedModules } from '../support/module-list.ts';
import { linkPackages, temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 2 };

const isZod = (url: string): boolean => url.endsWith('/packages/core/dist/chunks/options.js') || url.includes('/zod/');

/** The main thread settles options by zod, the workers work without it. */
function assertIsolated(folder: TemporaryFolder): void {
  const [main, ...workers] = loadedModules(folder) as [string[], ...string[][]];
  assertFew([main, ...workers]);
  assert.ok(main.some(isZod), 'zod would be seen');
  assert.equal(workers.length, 2);
  for (const modules of workers) {
    assert.ok(
      modules.some((url) => url.endsWith('/packages/core/dist/chunks/core.js')),
      'the worker works',
    );
    assert.deepEqual(modules.filter(isZod), []);
  }
}

function has(modules: readonly string[], path: string): boolean {
  return modules.some((url) => url.endsWith(path));
}

/** Of ours, that each of them loads: a few more than there are, since a room may be parted, and far fewer than there are modules. */
const FILES_MAX = { main: 36, worker: 32 };

function ours(modules: readonly string[]): string[] {
  return modules.filter((url) => url.includes('/packages/'));
}

function assertFew([main, ...workers]: readonly (readonly string[])[]): void {
  assert.ok(ours(main!).length <= FILES_MAX.main, `the main thread loads ${ours(main!).join('\n')}`);
  for (const modules of workers)
    assert.ok(ours(modules).length <= FILES_MAX.worker, `a worker loads ${ours(modules).join('\n')}`);
}

describe('a start', TIMEOUT, () => {
  it('brings the planner into no worker without a composite, no engine into the main thread, one into each worker, and TLS nowhere', async () => {
    using lists = temporaryFolder();
    await using served = serveIni(['socket = 127.0.0.1:0', 'workers = 2'], [], listingModules(lists));
    assert.equal((await served.command.get('/'))?.body, 'hello');
    const [main, ...workers] = loadedModules(lists) as [string[], ...string[][]];
    const PLANNER = '/packages/loader/dist/chunks/config.js';
    const ENGINE = '/packages/core/dist/chunks/http1.js';
    const OTHER_ENGINE = '/packages/core/dist/chunks/fastcgi.js';
    assert.deepEqual([has(main, PLANNER), has(main, ENGINE), has(main, OTHER_ENGINE)], [true, false, false]);
    assert.equal(workers.length, 2);
    for (const modules of workers) {
      assert.ok(has(modules, 'node:net'), 'modules of Node would be seen');
      assert.deepEqual([has(modules, ENGINE), has(modules, OTHER_ENGINE)], [true, false]);
      assert.deepEqual([has(modules, PLANNER), has(modules, 'node:tls')], [false, false]);
    }
    for (const modules of [main, ...workers])
      assert.deepEqual([has(modules, 'node:crypto'), has(modules, 'node:http2')], [false, false]);
  });
});

describe('a worker', TIMEOUT, () => {
  it('of an ini loads no zod, and few files', async () => {
    using lists = temporaryFolder();
    await using served = serveIni(['socket = 127.0.0.1:0', 'workers = 2'], [], listingModules(lists));
    assert.equal((await served.command.get('/'))?.body, 'hello');
    assertIsolated(lists);
  });

  it('of a script loads no zod, and few files, though the script imports the server', async () => {
    using lists = temporaryFolder();
    using folder = temporaryFolder();
    linkPackages(folder);
    const script = `
      import { serve } from '@appserve/server';
      await serve(() => new Response('hello'), '127.0.0.1:0', 2);
    `;
    write(folder, { 'script.mjs': script });
    await using command = Command.node(['script.mjs'], { cwd: folder.path, ...listingModules(lists) });
    assert.equal((await command.get('/'))?.body, 'hello');
    assertIsolated(lists);
  });
});
