// The same scenarios through nginx, HAProxy and Apache as reverse proxies, over TCP and unix sockets.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { REVERSE_PROXIES, startReverseProxy } from '../support/reverse-proxy.ts';
import { BODIES } from './bodies.ts';
import { HEADS } from './heads.ts';
import { LEAVING } from './leaving.ts';
import { Stage } from './scenario.ts';
import { Site } from './site.ts';
import { WEBSOCKETS } from './websockets.ts';

const TIMEOUT = { timeout: 120_000 };
const SCENARIOS = [...HEADS, ...BODIES, ...LEAVING, ...WEBSOCKETS];
const TRANSPORTS = ['unix', 'tcp'] as const;

// Some scenarios wait for ten seconds, all of them alone.
describe('a reverse proxy', { concurrency: 3 }, () => {
  for (const name of REVERSE_PROXIES) {
    for (const over of TRANSPORTS) {
      describe(`${name} before appserve over ${over}`, { concurrency: 4 }, () => {
        let stage: Stage | undefined;

        before(async () => {
          const site = await Site.start(over);
          stage = new Stage(await startReverseProxy(name, { instances: [{ at: site.at }] }), site);
        });

        after(async () => {
          await stage?.proxy[Symbol.asyncDispose]();
          await stage?.site[Symbol.asyncDispose]();
        });

        for (const { instead, ...scenario } of SCENARIOS) {
          const { fact, play } = instead?.[name] ?? scenario;
          it(fact, TIMEOUT, async () => play(stage!));
        }
      });
    }
  }
});

it('proxies', (t) => {
  assert.ok(SCENARIOS.length >= 20);
  t.diagnostic(
    `${REVERSE_PROXIES.length} proxies (${REVERSE_PROXIES.join(', ')}), ${SCENARIOS.length} scenarios each, over ${TRANSPORTS.join(' and ')}`,
  );
});
