// Connections between the web servers and FastCGI: kept or not, as the configuration says (FCGI_KEEP_CONN).

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FastCgiTap } from '../support/fastcgi-tap.ts';
import { ask } from '../support/http-client.ts';
import { WEB_SERVERS, WebServer, type WebServerName } from '../support/web-server.ts';
import { Site } from './site.ts';

const TIMEOUT = { timeout: 30_000 };
const REQUESTS = 10;
/** FastCGI 1.0 §5.1: FCGI_KEEP_CONN among the flags of a request. */
const KEEPS = 1;
const CLOSES = 0;

interface Played {
  readonly connections: readonly (readonly number[])[];
  readonly closedByApplication: number;
}

/** So many requests, one after the other, halfway through with `between`. */
async function play(name: WebServerName, keepsConnections: boolean, between?: (site: Site) => Promise<void>): Promise<Played> {
  await using site = await Site.start('unix');
  await using tap = await FastCgiTap.before(String(site.at));
  await using server = await WebServer.start(name, { to: tap.at, keepsConnections });
  for (let request = 0; request < REQUESTS; request += 1) {
    if (request === REQUESTS / 2) await between?.(site);
    const answer = await ask(server.port, { path: '/echo', method: 'POST', body: `body ${request}` });
    assert.deepEqual([answer.status, answer.body.toString()], [200, `body ${request}`], server.process.stderr);
  }
  return { connections: tap.connections, closedByApplication: tap.closedByApplication };
}

/** The same for each request. */
function forEach<T>(value: T): T[] {
  return Array.from({ length: REQUESTS }, () => value);
}

describe('a web server that keeps its connections', TIMEOUT, () => {
  for (const name of ['nginx', 'apache2'] as const) {
    it(`asks again on the same one: ${name}`, async () => {
      const { connections, closedByApplication } = await play(name, true);
      assert.deepEqual(connections.flat(), forEach(KEEPS));
      assert.deepEqual([connections.length, closedByApplication], [1, 0]);
    });

    it(`loses no request when the app is loaded again: ${name}`, async () => {
      const { connections } = await play(name, true, async (site) => {
        site.process.signal('SIGHUP');
        await site.process.says(/reloaded/);
      });
      assert.deepEqual(connections.flat(), forEach(KEEPS));
      assert.equal(connections.length, 2);
    });
  }
});

describe('a web server that keeps no connection', TIMEOUT, () => {
  for (const name of WEB_SERVERS) {
    it(`has one for each request: ${name}`, async () => {
      const { connections } = await play(name, false);
      assert.deepEqual(connections, forEach([CLOSES]));
    });
  }
});
