// The guide to proxies: its inis are right, and do what its configurations of proxies count on. test/proxies/proxy-protocol.test.ts plays those.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { folderOf, makeAll, readGuide } from '../support/guide.ts';

const APP = '[app:main]\nuse = ./app.js#makeApp\n\n';
const FILES = { 'app.js': 'export const makeApp = () => () => [];\n', 'package.json': '{ "type": "module" }' };

const fences = readGuide('docs/guide/proxies.md').chapters.flatMap((chapter) => chapter.fences);
const inis = fences.filter(({ language }) => language === 'ini').map(({ text }) => text);

describe('the guide to proxies', () => {
  for (const [nth, text] of inis.entries()) {
    it(`has inis that are right: ${nth + 1}`, async () => {
      using folder = folderOf({ ...FILES, 'site.ini': `${APP}${text}` });
      await makeAll(folder, 'site.ini');
    });

    it(`keeps the connections that its proxies keep: ${nth + 1}`, () => {
      assert.match(text, /^max_reuse_count = unlimited$/m);
      // 60 s is what nginx and HAProxy are told there.
      assert.ok(Number(/^keepalive_timeout = (\d+)$/m.exec(text)?.[1]) > 60);
    });
  }

  it('lets the workers of a web server into a unix socket', () => {
    const byUnixSocket = inis.filter((text) => /^socket = unix:/m.test(text));
    assert.ok(byUnixSocket.length > 0);
    for (const text of byUnixSocket) assert.match(text, /^socket_group = www-data$/m);
  });

  it('has proxies that set who the client is, whatever that says of itself', () => {
    const http = fences.filter(({ info }) => ['http.conf', 'http.cfg', 'site.conf'].includes(info));
    assert.equal(http.length, 3);
    for (const { text } of http) {
      const said = text.replaceAll(/^ *#.*$/gm, '');
      assert.match(said, /X-Forwarded-For \$remote_addr;|set-header X-Forwarded-For %\[src\]|unset X-Forwarded-For/);
      assert.doesNotMatch(said, /proxy_add_x_forwarded_for|forwardfor/);
    }
  });
});
