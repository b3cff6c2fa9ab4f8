// A running server, as the script that started it holds it: it reloads, grows, shrinks, and tells what its workers do.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command, write } from '../support/command.ts';
import { linkPackages, temporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 2 };

/** The steps run in the main thread, with `server` and `get` at hand, and say what they find on stdout. */
async function played(steps: string): Promise<readonly unknown[]> {
  using folder = temporaryFolder();
  linkPackages(folder);
  const script = `
    import { serve } from '@appserve/server';
    import { readFileSync, writeFileSync } from 'node:fs';
    import { threadId } from 'node:worker_threads';
    const text = () => readFileSync(new URL('text', import.meta.url), 'utf8');
    const said = text();
    const server = await serve((request) => new Response(said + ' ' + threadId), { socket: '127.0.0.1:0', workers: 2, logLevel: 'warn' });
    const get = async () => (await fetch(server.url)).text();
    const say = (what) => console.log(JSON.stringify(what));
    const change = (what) => writeFileSync(new URL('text', import.meta.url), what);
    ${steps}
    await server.close();
  `;
  write(folder, { 'script.mjs': script, text: 'old' });
  await using command = Command.node(['script.mjs'], { cwd: folder.path });
  assert.deepEqual(await command.ending(), { code: 0, signal: null }, command.stderr);
  return command.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

describe('the handle of a server', TIMEOUT, () => {
  it('reloads: the script is imported anew in new threads', async () => {
    const said = await played(`
      const before = await get();
      change('new');
      await server.reload();
      let after;
      // An old worker may take one more connection before it hears that it should not.
      do after = await get(); while (after === before);
      say([before.split(' ')[0], after.split(' ')[0], before !== after]);
    `);
    assert.deepEqual(said, [['old', 'new', true]]);
  });

  it('rejects a reload that fails, and the old workers go on', async () => {
    const said = await played(`
      const { rmSync } = await import('node:fs');
      rmSync(new URL('text', import.meta.url));
      await server.reload().catch((error) => say(error.code));
      say((await get()).split(' ')[0]);
    `);
    assert.deepEqual(said, ['WORKER_FAILED', 'old']);
  });

  it('takes many reloads at once for two', async () => {
    const said = await played(`
      await Promise.all(Array.from({ length: 10 }, () => server.reload()));
      say(Math.max(...server.stats().map(({ generation }) => generation)));
    `);
    assert.deepEqual(said, [3]);
  });

  it('scales, and refuses what is no number of workers', async () => {
    const said = await played(`
      server.scale(3);
      const states = () => server.stats().filter(({ state }) => state === 'serving').length;
      while (states() < 3) await new Promise((resolve) => setTimeout(resolve, 1));
      server.scale(1);
      while (server.stats().length > 1) await new Promise((resolve) => setTimeout(resolve, 1));
      say(server.stats().map(({ name, state }) => name + ' ' + state));
      for (const size of [0, 1.5, NaN, '2', 1_025]) try { server.scale(size); say('taken'); } catch (error) { say(error.code); }
    `);
    assert.deepEqual(said, [['worker-1 serving'], ...Array<string>(5).fill('OPTION_INVALID')]);
  });

  it('counts what the workers have answered', async () => {
    const said = await played(`
      for (let time = 0; time < 5; time += 1) await get();
      const answered = () => server.stats().reduce((sum, { readings }) => sum + readings.answered, 0);
      // An answer is counted when it has gone out.
      while (answered() < 5) await new Promise((resolve) => setTimeout(resolve, 1));
      say(answered());
    `);
    assert.deepEqual(said, [5]);
  });
});
