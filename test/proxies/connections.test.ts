// Connections between the proxies and appserve: kept or not, as the configuration says; and what stays of clients that leave.

import assert from 'node:assert/strict';
import { setTimeout as later } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { begin, firstBytes, responseOf } from '../support/http-client.ts';
import { RawClient } from '../support/raw-client.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { REVERSE_PROXIES, startReverseProxy, type ReverseProxy } from '../support/reverse-proxy.ts';
import { Site, type Transport } from './site.ts';

const TIMEOUT = { timeout: 240_000 };
const REQUESTS = 10;
const CLIENTS = 10;

/** All by one client, on one connection. */
async function askOften(proxy: ReverseProxy): Promise<void> {
  await using client = await RawClient.connect(proxy.port);
  for (let nth = 0; nth < REQUESTS; nth += 1) {
    await client.send(`POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\n${1_000 + nth}`);
    assert.equal((await client.response())?.body, String(1_000 + nth));
  }
}

describe('a proxy', { concurrency: 2 }, () => {
  for (const name of REVERSE_PROXIES) {
    for (const over of ['unix', 'tcp'] as const satisfies readonly Transport[]) {
      it(`that keeps its connections asks again on the same one: ${name} over ${over}`, TIMEOUT, async () => {
        await using site = await Site.start(over);
        await using proxy = await startReverseProxy(name, { instances: [{ at: site.at }] });
        await askOften(proxy);
        assert.equal(await site.count('appserve_connections_accepted_total'), 1);
      });
    }

    it(`that keeps no connection has one for each request: ${name}`, TIMEOUT, async () => {
      await using site = await Site.start('tcp');
      await using proxy = await startReverseProxy(name, { instances: [{ at: site.at }], keepsConnections: false });
      await askOften(proxy);
      assert.equal(await site.count('appserve_connections_accepted_total'), REQUESTS);
    });

    it(`leaves nothing of clients that leave: ${name}`, TIMEOUT, async () => {
      await using site = await Site.start('tcp');
      await using proxy = await startReverseProxy(name, { instances: [{ at: site.at }] });
      await Promise.all(Array.from({ length: CLIENTS }, async (_, nth) => leaveInBody(proxy, site, `sent-${nth}`)));
      await Promise.all(Array.from({ length: CLIENTS }, async () => leaveInAnswer(proxy)));
      await becomes(site, 'appserve_requests_in_flight', {}, 0);
      await becomes(site, 'appserve_connections', { state: 'active' }, 0);
      // What is kept is of use: the next one is answered.
      await askOften(proxy);
    });
  }
});

async function leaveInBody(proxy: ReverseProxy, site: Site, name: string): Promise<void> {
  const headers = { 'Content-Length': '200000' };
  const request = begin(proxy.port, { path: `/live/upload/${name}`, method: 'POST', headers });
  request.write('a line\n'.repeat(10_000));
  await site.process.says(new RegExp(`^${name} has begun$`, 'm'));
  request.destroy();
}

/** When it has begun, and much more is to come. */
async function leaveInAnswer(proxy: ReverseProxy): Promise<void> {
  const request = begin(proxy.port, { path: '/live/produced/1600?left' });
  const answered = responseOf(request);
  request.end();
  await firstBytes(await answered, 1);
  request.destroy();
}

async function becomes(site: Site, metric: string, labels: Readonly<Record<string, string>>, wanted: number): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const count = await site.count(metric, labels);
    if (count === wanted) return;
    if (performance.now() > untilMs) throw new Error(`${metric} stays ${count}`);
    await later(20);
  }
}
