// Which web servers are let in, however their addresses are spelt.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pathApp } from '../support/apps.ts';
import { FastCgiClient } from '../support/fastcgi-client.ts';
import { startFastcgiServer } from '../support/fastcgi-server.ts';

const TIMEOUT = { timeout: 120_000 };

describe('fastcgi_allow', TIMEOUT, () => {
  for (const [address, isIn] of [
    ['127.0.0.1', true],
    ['::ffff:127.0.0.1', true],
    ['0:0:0:0:0:FFFF:7F00:1', true],
    ['127.0.0.2', false],
    ['::1', false],
  ] as const) {
    it(`${isIn ? 'lets in' : 'does not let in'} 127.0.0.1 where it says ${address}`, async () => {
      await using server = await startFastcgiServer(pathApp, { listen: 'tcp', fastcgiAllow: [address] });
      await using client = await server.client();
      if (isIn) assert.equal((await client.ask()).body, '/');
      else await client.untilEnd();
    });
  }

  it('lets in ::1 however that is spelt', async () => {
    await using server = await startFastcgiServer(pathApp, { fastcgiAllow: ['0:0:0:0:0:0:0:1'] });
    const { type, ...address } = await server.server.listen('[::1]:0');
    assert.ok(type === 'tcp' && 'port' in address);
    await using client = await FastCgiClient.connect(address.port, '::1');
    assert.equal((await client.ask()).body, '/');
  });

  it('lets in nobody on a unix socket, which our log says once', async () => {
    await using server = await startFastcgiServer(pathApp, { fastcgiAllow: ['127.0.0.1'] });
    for (let round = 0; round < 3; round += 1) {
      await using client = await server.client();
      await client.untilEnd();
    }
    const warnings = server.log.filter(({ level }) => level === 'warn').map(({ message }) => message);
    assert.deepEqual(warnings, [
      'web server on a unix socket is not let in: neither fastcgi_allow nor FCGI_WEB_SERVER_ADDRS names it',
    ]);
  });

  it('takes addresses only', async () => {
    for (const fastcgiAllow of [['localhost'], ['10.0.0.0/8'], ['fe80::1%lo']])
      await assert.rejects(startFastcgiServer(pathApp, { fastcgiAllow }), { code: 'OPTION_INVALID' });
  });
});
