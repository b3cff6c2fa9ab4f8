// Levels while a server runs, and objects of a script as its logs.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command, write } from '../../support/command.ts';
import { linkPackages, temporaryFolder } from '../../support/temporary.ts';

const TIMEOUT = { timeout: 120_000 };

/** `lines`: what the main thread does when it serves. */
async function running(options: string, lines: string, act: (command: Command) => Promise<void>): Promise<void> {
  using folder = temporaryFolder();
  linkPackages(folder);
  const script = `
import { isMainThread } from 'node:worker_threads';
import { getLogger } from '@appserve/core/log';
import { serve } from '@appserve/server';
const log = getLogger('shop.cart');
const say = (what) => ({ write: (text) => process.stderr.write(what + ' ' + (isMainThread ? 'main' : 'worker') + ': ' + text) });
const app = (environ, start) => { log.debug('a debug message'); environ['wsgi.errors'].write('a complaint\\n'); start('200 OK', []); return []; };
const server = await serve(app, { socket: '127.0.0.1:0', workers: 2, ${options} });
const ask = async () => { await (await fetch(server.url)).text(); };
${lines}
`;
  write(folder, { 'script.mjs': script });
  await using command = Command.node(['script.mjs'], { cwd: folder.path });
  await act(command);
}

describe('setLevel', TIMEOUT, () => {
  for (const workerClass of ['thread', 'process']) {
    it(`reaches the main thread, all workers, and those that come later: ${workerClass}`, async () => {
      const lines = `
await ask();
server.setLevel('shop', 'debug');
for (let request = 0; request < 8; request += 1) await ask();
await server.reload();
process.stderr.write('REASKED\\n');
for (let request = 0; request < 8; request += 1) await ask();
server.setLevel('shop', 'error');
server.setLevel('appserve', 'error');
server.setLevel('appserve', 'info');
await server.close();
`;
      await running(`workerClass: '${workerClass}'`, lines, async (command) => {
        assert.deepEqual(await command.ending(), { code: 0, signal: null });
        const [before, after] = command.stderr.split('REASKED') as [string, string];
        assert.match(command.stderr, /the level of the logger shop is debug now/);
        assert.match(before, /DEBUG \[shop\.cart\]\[worker-[12]\] a debug message/);
        assert.match(after, /DEBUG \[shop\.cart\]\[worker-[12]\] a debug message/);
      });
    });
  }

  it('refuses what is no level', async () => {
    await running(
      '',
      `try { server.setLevel('shop', 'loud'); } catch (error) { console.error(error.code); } await server.close();`,
      async (command) => {
        await command.ending();
        assert.match(command.stderr, /^OPTION_INVALID$/m);
      },
    );
  });
});

describe('serve() with objects as its logs', TIMEOUT, () => {
  it('calls those of each thread', async () => {
    await running(
      `log: say('ACCESS'), errorLog: say('ERROR'), accessLogFormat: '%(r)s'`,
      'await ask(); await server.close();',
      async (command) => {
        assert.deepEqual(await command.ending(), { code: 0, signal: null });
        assert.match(command.stderr, /^ACCESS worker: GET \/ HTTP\/1\.1$/m);
        assert.match(command.stderr, /^ERROR worker: .* ERROR \[appserve\]\[worker-[12]\] a complaint$/m);
        assert.doesNotMatch(command.stderr, /^ERROR main: .*a complaint/m);
      },
    );
  });
});
