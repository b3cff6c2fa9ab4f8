// What a worker does not load: zod, 75 ms and some megabytes for each thread, is the main thread's alone. And what neither loads
// unless it is needed, so that a server starts soon: a file costs more than half a millisecond.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command, write } from '../support/command.ts';
import { serveIni } from '../support/fleet.ts';
import { listingModules, loadedModules } from '../support/module-list.ts';
import { linkPackages, temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 2 };

const isZod = (url: string): boolean => url.includes('/zod/');

/** The main thread settles options by zod, the workers work without it. */
function assertIsolated(folder: TemporaryFolder): void {
  const [main, ...workers] = loadedModules(folder) as [string[], ...string[][]];
  assert.ok(main.some(isZod), 'zod would be seen');
  assert.equal(workers.length, 2);
  for (const modules of workers) {
    assert.ok(
      modules.some((url) => url.endsWith('/packages/core/dist/app/gateway.js')),
      'the worker works',
    );
    assert.deepEqual(modules.filter(isZod), []);
  }
}

function has(modules: readonly string[], path: string): boolean {
  return modules.some((url) => url.endsWith(path));
}

describe('a start', TIMEOUT, () => {
  it('brings the planner into no worker without a composite, no engine into the main thread, one into each worker, and TLS nowhere', async () => {
    using lists = temporaryFolder();
    await using served = serveIni(['socket = 127.0.0.1:0', 'workers = 2'], [], listingModules(lists));
    assert.equal((await served.command.get('/'))?.body, 'hello');
    const [main, ...workers] = loadedModules(lists) as [string[], ...string[][]];
    const PLANNER = '/packages/loader/dist/plan.js';
    const ENGINE = '/packages/core/dist/http1/connection.js';
    const OTHER_ENGINE = '/packages/core/dist/fastcgi/connection.js';
    assert.deepEqual([has(main, PLANNER), has(main, ENGINE), has(main, OTHER_ENGINE)], [true, false, false]);
    assert.equal(workers.length, 2);
    for (const modules of workers) {
      assert.ok(has(modules, 'node:net'), 'modules of Node would be seen');
      assert.deepEqual([has(modules, ENGINE), has(modules, OTHER_ENGINE)], [true, false]);
      assert.deepEqual([has(modules, PLANNER), has(modules, 'node:tls')], [false, false]);
    }
  });
});

describe('a worker', TIMEOUT, () => {
  it('of an ini loads no zod', async () => {
    using lists = temporaryFolder();
    await using served = serveIni(['socket = 127.0.0.1:0', 'workers = 2'], [], listingModules(lists));
    assert.equal((await served.command.get('/'))?.body, 'hello');
    assertIsolated(lists);
  });

  it('of a script loads no zod, though the script imports the server', async () => {
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
