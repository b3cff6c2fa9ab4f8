// The memory that a supervisor shares with workers that are processes: it is there wherever files can be, and gone when its server is.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command, write } from '../support/command.ts';
import { serveIni } from '../support/fleet.ts';
import { inRepository } from '../support/repository.ts';
import { linkPackages, temporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 240_000, concurrency: 2 };
const PROCESSES = ['socket = 127.0.0.1:0', 'workers = 1', 'worker_class = process', 'dispatch = balanced'];

describe('the memory that processes share', TIMEOUT, () => {
  it('needs no folder for temporary files', { skip: process.platform !== 'linux' }, async () => {
    await using server = serveIni(PROCESSES, [], { env: { TMPDIR: '/nowhere/at/all' } });
    assert.equal((await server.command.get('/'))?.body, 'hello');
  });

  it('is refused as a whole where a file may not be as long', async () => {
    using folder = temporaryFolder();
    write(folder, {
      'app.mjs': 'export const makeApp = () => () => new Response("hello");',
      'app.ini': ['[app:main]', 'use = ./app.mjs#makeApp', '[server:main]', 'use = @appserve/server#main', ...PROCESSES].join(
        '\n',
      ),
    });
    // In blocks of 512 bytes, or of 1,024: less than the scoreboard either way.
    const limited = `ulimit -f 50 && exec "${process.execPath}" "${inRepository('packages/cli/bin/appserve.js')}" app.ini`;
    await using command = Command.program('sh', ['-c', limited], { cwd: folder.path });
    assert.deepEqual(await command.ending(), { code: 1, signal: null });
    assert.match(command.stderr, /making memory that processes share failed: EFBIG/);
  });

  it('is given back when the server has ended', { skip: process.platform !== 'linux' }, async () => {
    using folder = temporaryFolder();
    linkPackages(folder);
    write(folder, {
      'script.mjs': `
        import { readdirSync, readFileSync } from 'node:fs';
        import { serve } from '@appserve/server';
        const held = () => {
          const maps = readFileSync('/proc/self/maps', 'utf8').split('\\n').filter((line) => /appserve.*\\(deleted\\)/.test(line));
          return readdirSync('/proc/self/fd').length + ' descriptors, ' + maps.length + ' mappings';
        };
        const isWorker = process.connected === true;
        const say = (what) => isWorker || console.log(what);
        for (let time = 0; time < 3; time += 1) {
          const options = { socket: '127.0.0.1:0', workers: 1, workerClass: 'process', dispatch: 'balanced', logLevel: 'error' };
          const server = await serve(() => new Response('x'), options);
          if (time === 0) say('serving: ' + held().replace(/^.*, /, ''));
          await server.close();
          say(held());
        }
      `,
    });
    await using command = Command.node(['script.mjs'], { cwd: folder.path });
    assert.deepEqual(await command.ending(), { code: 0, signal: null });
    const [serving, first, ...others] = command.stdout.trim().split('\n');
    assert.match(serving!, /^serving: [1-9]\d* mappings$/);
    assert.match(first!, /^\d+ descriptors, 0 mappings$/);
    assert.deepEqual(others, [first, first]);
  });
});
