// A worker that is in a call of the system, which nobody can end: here it opens a pipe that nobody writes to.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { write } from '../support/command.ts';
import { serveIni, type Served } from '../support/fleet.ts';

const TIMEOUT = { timeout: 240_000 };

function stuck(): Served {
  const server = serveIni(['socket = 127.0.0.1:0', 'workers = 1', 'graceful_timeout = 1s']);
  execFileSync('mkfifo', [join(server.folder.path, 'pipe')]);
  write(server.folder, {
    'app.mjs': `
      import { openSync, writeSync } from 'node:fs';
      const app = ({ url }) => {
        if (url.endsWith('/stuck')) {
          writeSync(2, 'stuck\\n');
          openSync('pipe', 'r');
        }
        return new Response('hello');
      };
      export const makeApp = () => app;
    `,
  });
  return server;
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
});
