// The same scenarios through nginx, lighttpd and Apache, over unix sockets and TCP, with the configurations of docs/guide/fastcgi.md.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { WEB_SERVERS, WebServer } from '../support/web-server.ts';
import { ANSWERS } from './answers.ts';
import { BODIES } from './bodies.ts';
import { LIVE } from './live.ts';
import { REQUESTS } from './requests.ts';
import { Stage } from './scenario.ts';
import { Site } from './site.ts';

const TIMEOUT = { timeout: 120_000 };
const SCENARIOS = [...REQUESTS, ...BODIES, ...ANSWERS, ...LIVE];
const TRANSPORTS = ['unix', 'tcp'] as const;

for (const name of WEB_SERVERS) {
  for (const over of TRANSPORTS) {
    describe(`${name} before FastCGI over ${over}`, () => {
      let stage: Stage | undefined;

      before(async () => {
        const site = await Site.start(over);
        stage = new Stage(await WebServer.start(name, { to: site.at }), site);
      });

      after(async () => {
        await stage?.server[Symbol.asyncDispose]();
        await stage?.site[Symbol.asyncDispose]();
      });

      for (const { instead, ...scenario } of SCENARIOS) {
        const { fact, play } = instead?.[name] ?? scenario;
        it(fact, TIMEOUT, async () => play(stage!));
      }
    });
  }
}

it('web servers', (t) => {
  assert.ok(SCENARIOS.length >= 25);
  t.diagnostic(
    `${WEB_SERVERS.length} web servers (${WEB_SERVERS.join(', ')}), ${SCENARIOS.length} scenarios each, over ${TRANSPORTS.join(' and ')}`,
  );
});
