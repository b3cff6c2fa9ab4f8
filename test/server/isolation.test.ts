// What a worker does not load: zod, 75 ms and some megabytes for each thread, is the main thread's alone.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command, write } from '../support/command.ts';
import { serveIni } from '../support/fleet.ts';
import { listingModules, loadedModules } from '../support/module-list.ts';
import { linkPackages, temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 30_000, concurrency: 2 };

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
