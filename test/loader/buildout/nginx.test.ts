// What a generated nginx says to the instances behind it, and what goes through it.

import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { freePort } from '../../../bench/free-port.ts';
import { appserveBuild, siteWith, textIn, built } from '../../support/building.ts';
import { Command } from '../../support/command.ts';
import { absent, WITH_SBIN } from '../../support/programs.ts';
import { RawClient } from '../../support/raw-client.ts';

/** Says what it was told of the client; its WebSockets say what they hear. */
const APP = `
export const main = () => (request, context) => {
  if (request.headers.get('upgrade') === 'websocket')
    return context.upgrade({ message: (socket, message) => socket.send(message) });
  const names = ['host', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto', 'x-forwarded-for', 'forwarded'];
  const also = ['x-forwarded-server', 'x-forwarded-scheme', 'connection'];
  return new Response([...names, ...also].map((name) => name + '=' + request.headers.get(name) + ';').join('\\n'));
};
`;

const siteWithUpstream = (keepalive: string): string[] => [
  '[buildout]',
  'parts = front',
  '[site]',
  'recipe = @appserve/loader#instance',
  'app = ./app.js',
  'check = parse',
  '[front]',
  'recipe = @appserve/loader#nginx',
  'instances = site',
  keepalive,
];

describe('a generated nginx', { skip: absent('nginx'), timeout: 60_000 }, () => {
  it('tells the app whom the client has asked for, and lets WebSockets through', async () => {
    const [port, front] = [await freePort(), await freePort()];
    using folder = siteWith(
      [
        '[buildout]',
        'parts = site front',
        '[site]',
        'recipe = @appserve/loader#instance',
        'app = ./told.js#main',
        `http-address = 127.0.0.1:${port}`,
        'workers = 1',
        '[front]',
        'recipe = @appserve/loader#nginx',
        'instances = site',
        `listen = 127.0.0.1:${front}`,
      ],
      { 'told.js': APP },
    );
    chmodSync(folder.path, 0o755);
    const { code, stderr } = await appserveBuild(folder);
    assert.equal(code, 0, stderr);
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder.path}/${kind};`);
    writeFileSync(
      `${folder.path}/whole.conf`,
      `daemon off; pid ${folder.path}/pid; events {} http { access_log off; ${paths.join(' ')} include ${folder.path}/parts/front/nginx.conf; }`,
    );
    await using site = Command.program(`${folder.path}/bin/site`, [], { cwd: '/' });
    await site.url();
    const args = ['-p', folder.path, '-e', 'stderr', '-g', 'error_log stderr notice;', '-c', `${folder.path}/whole.conf`];
    await using nginx = Command.program('nginx', args, { cwd: '/', env: { PATH: WITH_SBIN.PATH } });
    await nginx.says(/start worker process \d+/);
    {
      await using client = await RawClient.connect(front);
      await client.send(
        [
          'GET / HTTP/1.1',
          'Host: Example.org:8443',
          'X-Forwarded-Host: evil.example',
          'X-Forwarded-Port: 666',
          'X-Forwarded-Server: evil.example',
          'X-Forwarded-Scheme: ftp',
          'X-Forwarded-Proto: ftp',
          'Forwarded: host=evil.example',
          'Connection: close',
          '\r\n',
        ].join('\r\n'),
      );
      const heard = await client.until((text) => text.includes('connection='));
      for (const line of [
        'host=example.org:8443;',
        'x-forwarded-host=example.org:8443;',
        'x-forwarded-port=null;',
        'x-forwarded-proto=http;',
        'x-forwarded-for=127.0.0.1;',
        'forwarded=null;',
        'x-forwarded-server=null;',
        'x-forwarded-scheme=null;',
      ])
        assert.ok(heard.includes(`\n${line}`), `${line}\n${heard}`);
    }
    {
      await using client = await RawClient.connect(front);
      await client.send(
        'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      const heard = await client.until((text) => text.includes('\r\n\r\n'));
      assert.match(heard, /^HTTP\/1\.1 101 /);
    }
    nginx.signal('SIGQUIT');
    await nginx.ending();
  });

  it('keeps connections to instances open only where it is told to: they close them', async () => {
    using folder = siteWith(siteWithUpstream(''));
    await built(folder);
    assert.doesNotMatch(textIn(folder, 'parts/front/nginx.conf'), /keepalive/);
    using other = siteWith(siteWithUpstream('keepalive = 8'));
    await built(other);
    assert.match(textIn(other, 'parts/front/nginx.conf'), /^ {4}keepalive 8;$/m);
  });
});
