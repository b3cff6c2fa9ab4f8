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
  const names = ['host', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto', 'x-forwarded-for', 'x-real-ip', 'forwarded'];
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

/** An instance and the nginx in front of it, both generated. `options`: further ones of the recipe. */
async function throughNginx(options: readonly string[], play: (client: RawClient) => Promise<void>): Promise<void> {
  const [port, front] = [await freePort(), await freePort()];
  using folder = siteWith(linesOf(port, front, options), { 'told.js': APP });
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
    await play(client);
  }
  nginx.signal('SIGQUIT');
  await nginx.ending();
}

/** What the app says that it was told. */
async function told(options: readonly string[], fields: readonly string[]): Promise<string> {
  let heard = '';
  await throughNginx(options, async (client) => {
    await client.send(['GET / HTTP/1.1', ...fields, 'Connection: close', '\r\n'].join('\r\n'));
    heard = await client.until((text) => text.includes('connection='));
  });
  return heard;
}

function linesOf(port: number, front: number, options: readonly string[]): string[] {
  return [
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
    ...options,
  ];
}

function assertHeard(heard: string, expected: Readonly<Record<string, string | null>>): void {
  for (const [name, value] of Object.entries(expected))
    assert.ok(heard.includes(`\n${name}=${value};`), `${name}=${value}\n${heard}`);
}

describe('a generated nginx', { skip: absent('nginx'), timeout: 240_000 }, () => {
  it('tells the app whom the client has asked for, who it is, and nothing of what it says of itself', async () => {
    const heard = await told(
      [],
      [
        'Host: Example.org:8443',
        'X-Forwarded-For: 192.0.2.66',
        'X-Real-IP: 192.0.2.66',
        'X-Forwarded-Host: evil.example',
        'X-Forwarded-Port: 666',
        'X-Forwarded-Server: evil.example',
        'X-Forwarded-Scheme: ftp',
        'X-Forwarded-Proto: ftp',
        'Forwarded: host=evil.example',
      ],
    );
    assertHeard(heard, {
      host: 'example.org:8443',
      'x-forwarded-host': 'example.org:8443',
      'x-forwarded-port': null,
      'x-forwarded-proto': 'http',
      'x-forwarded-for': '127.0.0.1',
      'x-real-ip': null,
      forwarded: null,
      'x-forwarded-server': null,
      'x-forwarded-scheme': null,
    });
  });

  it('appends itself to what the proxy in front of it says, and passes that on', async () => {
    const heard = await told(
      ['forwarded = append'],
      [
        'Host: inside.example',
        'X-Forwarded-For: 192.0.2.7',
        'X-Forwarded-Host: example.org',
        'X-Forwarded-Port: 8443',
        'X-Forwarded-Proto: https',
        'Forwarded: for=192.0.2.66',
        'X-Forwarded-Server: evil.example',
      ],
    );
    assertHeard(heard, {
      host: 'inside.example',
      'x-forwarded-for': '192.0.2.7, 127.0.0.1',
      'x-forwarded-host': 'example.org',
      'x-forwarded-port': '8443',
      'x-forwarded-proto': 'https',
      forwarded: null,
      'x-forwarded-server': null,
    });
  });

  it('lets WebSockets through', async () => {
    await throughNginx([], async (client) => {
      await client.send(
        'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      const heard = await client.until((text) => text.includes('\r\n\r\n'));
      assert.match(heard, /^HTTP\/1\.1 101 /);
    });
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
