// Connections between the web servers and FastCGI: kept or not, as the configuration says (FCGI_KEEP_CONN).

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { FastCgiTap } from '../support/fastcgi-tap.ts';
import { ask } from '../support/http-client.ts';
import { WEB_SERVERS, WebServer, type WebServerName } from '../support/web-server.ts';
import { Site } from './site.ts';

const TIMEOUT = { timeout: 240_000 };
const REQUESTS = 10;
/** FastCGI 1.0 §5.1: FCGI_KEEP_CONN among the flags of a request. */
const KEEPS = 1;
const CLOSES = 0;

/** A web server, a site, and who listens to what they say to each other. */
class Line implements AsyncDisposable {
  readonly site: Site;
  readonly tap: FastCgiTap;
  readonly #server: WebServer;

  private constructor(site: Site, tap: FastCgiTap, server: WebServer) {
    this.site = site;
    this.tap = tap;
    this.#server = server;
  }

  static async start(name: WebServerName, keepsConnections: boolean): Promise<Line> {
    const site = await Site.start('unix');
    const tap = await FastCgiTap.before(String(site.at));
    return new Line(site, tap, await WebServer.start(name, { to: tap.at, keepsConnections }));
  }

  async askOften(): Promise<void> {
    for (let request = 0; request < REQUESTS; request += 1) {
      const answer = await ask(this.#server.port, { path: '/echo', method: 'POST', body: `body ${request}` });
      assert.deepEqual([answer.status, answer.body.toString()], [200, `body ${request}`], this.#server.process.stderr);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await this.tap[Symbol.asyncDispose]();
    await this.site[Symbol.asyncDispose]();
  }
}

/** The same for each request. */
function forEach<T>(value: T): T[] {
  return Array.from({ length: REQUESTS }, () => value);
}

describe('a web server that keeps its connections', () => {
  for (const name of ['nginx', 'apache2'] as const) {
    it(`asks again on the same one: ${name}`, TIMEOUT, async () => {
      await using line = await Line.start(name, true);
      await line.askOften();
      assert.deepEqual(line.tap.connections, [forEach(KEEPS)]);
      assert.equal(line.tap.closedByApplication, 0);
    });

    it(`loses no request when the app is loaded again: ${name}`, TIMEOUT, async () => {
      await using line = await Line.start(name, true);
      await line.askOften();
      line.site.process.signal('SIGHUP');
      await line.site.process.says(/reloaded/);
      // In a moment of quiet the old worker closes what is kept; the web server sees it before it asks again.
      await eventually('the kept connection is closed', () => line.tap.closedByApplication === 1);
      await line.askOften();
      assert.deepEqual(line.tap.connections, [forEach(KEEPS), forEach(KEEPS)]);
    });
  }
});

describe('a web server that keeps no connection', () => {
  for (const name of WEB_SERVERS) {
    it(`has one for each request: ${name}`, TIMEOUT, async () => {
      await using line = await Line.start(name, false);
      await line.askOften();
      assert.deepEqual(line.tap.connections, forEach([CLOSES]));
    });
  }
});
