// A worker that is in a call which nobody can end: here it waits for another program, that says by itself when the call has begun.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { write } from '../support/command.ts';
import { Container, noContainers } from '../support/container.ts';
import { serveIni, type Served } from '../support/fleet.ts';
import { linkPackages, temporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 240_000 };

const APP = `
import { spawnSync } from 'node:child_process';
const app = ({ url }) => {
  // It has no output that somebody would wait for the end of.
  if (url.endsWith('/stuck')) spawnSync('sh', ['-c', 'echo stuck >&2; exec cat pipe 2> /dev/null'], { stdio: ['ignore', 'ignore', 'inherit'] });
  return new Response('hello');
};
export const makeApp = () => app;
`;

function stuck(): Served {
  return serveIni(['socket = 127.0.0.1:0', 'workers = 1', 'graceful_timeout = 1s'], [], {}, (folder) => {
    execFileSync('mkfifo', [join(folder.path, 'pipe')]);
    write(folder, { 'app.mjs': APP });
  });
}

describe('a thread in a call that does not end', TIMEOUT, () => {
  it('is named when it should have ended, and SIGQUIT ends the process all the same', async () => {
    await using server = stuck();
    await using client = await server.command.client();
    await client.send('GET /stuck HTTP/1.1\r\nHost: test\r\n\r\n');
    await server.command.says(/^stuck$/m);
    server.command.signal('SIGTERM');
    await server.command.says(/ERROR .*worker-1 cannot be ended: it is in a call of the system or of native code/);
    server.command.signal('SIGQUIT');
    await server.command.says(/ERROR .*not all workers can be ended: the process kills itself/);
    assert.deepEqual(await server.command.ending(), { code: null, signal: 'SIGKILL' });
  });

  it('ends with process 1 of a container too, which no signal of its own can kill', { skip: noContainers() }, async () => {
    using folder = temporaryFolder();
    linkPackages(folder);
    chmodSync(folder.path, 0o755);
    execFileSync('mkfifo', [join(folder.path, 'pipe')]);
    const lines = ['[app:main]', 'use = ./app.mjs#makeApp', '[server:main]', 'use = @appserve/server#main'];
    write(folder, { 'app.mjs': APP, 'app.ini': [...lines, 'socket = 127.0.0.1:0', 'workers = 1'].join('\n') });
    const image = { folder: folder.path, workdir: '/srv/site', user: 1_000, env: {}, writable: [] };
    await using container = Container.run(image, ['node_modules/.bin/appserve', 'app.ini']);
    await using client = await container.command.client();
    await client.send('GET /stuck HTTP/1.1\r\nHost: test\r\n\r\n');
    await container.command.says(/^stuck$/m);
    container.signal('SIGQUIT');
    await container.command.says(/ERROR .*not all workers can be ended: the process kills itself/);
    assert.deepEqual(await container.ending(), { code: 137, signal: null });
  });
});
