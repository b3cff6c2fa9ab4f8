// No request fails while appserve loads its app again behind a proxy, whether that keeps its connections or not.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { REVERSE_PROXIES, startReverseProxy } from '../support/reverse-proxy.ts';
import { Load } from './load.ts';
import { Site } from './site.ts';

const TIMEOUT = { timeout: 240_000 };
const RELOADS = 2;

describe('a reload under load', { concurrency: 1 }, () => {
  for (const name of REVERSE_PROXIES) {
    for (const keepsConnections of [true, false]) {
      it(`fails nobody: ${name}, which ${keepsConnections ? 'keeps' : 'closes'} its connections`, TIMEOUT, async (t) => {
        await using site = await Site.start('tcp', { workers: 2 });
        await using proxy = await startReverseProxy(name, { instances: [{ at: site.at }], keepsConnections });
        await using load = new Load(proxy.port);
        for (let reload = 1; reload <= RELOADS; reload += 1) {
          await load.goesOn(200);
          site.process.signal('SIGHUP');
          await site.process.says(/ reloaded: /, reload);
        }
        // The last old worker closes what nobody has used for a second.
        await load.goesOn(200);
        await load.end();
        t.diagnostic(`${load.answered} answers on ${await site.count('appserve_connections_accepted_total')} connections`);
        assert.deepEqual(load.failures, []);
      });
    }
  }
});
