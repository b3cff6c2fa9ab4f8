// The web servers that have authorizers ask one who may see a file of theirs.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ask } from '../support/http-client.ts';
import { WebServer } from '../support/web-server.ts';
import { Site } from './site.ts';

const TIMEOUT = { timeout: 120_000 };
const PATH = '/members/page.txt';

/** How each of them says the port. */
const PORT = { lighttpd: '"port" => 9000', apache2: '127.0.0.1:9000' } as const;

describe('an authorizer', TIMEOUT, () => {
  for (const name of ['lighttpd', 'apache2'] as const) {
    it(`lets in, or answers itself: ${name}`, async () => {
      await using site = await Site.start('tcp', ['role = authorizer'], 'makeAuthorizer');
      const change = [PORT[name], PORT[name].replace('9000', String(site.at))] as const;
      await using server = await WebServer.start(name, { file: 'authorizer.conf', changes: [change] });
      mkdirSync(`${server.publicFolder}/members`);
      writeFileSync(server.publicFolder + PATH, 'for members');
      const refused = await ask(server.port, { path: PATH });
      assert.deepEqual([refused.status, refused.body.toString()], [403, `no key to ${PATH}`]);
      const letIn = await ask(server.port, { path: PATH, headers: { 'X-Key': 'open' } });
      assert.deepEqual([letIn.status, letIn.body.toString()], [200, 'for members'], server.process.stderr);
    });
  }
});
