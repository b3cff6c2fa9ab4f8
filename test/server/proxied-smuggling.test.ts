// Raw conversations of proxies, and of those who say to be proxies, with the verdict that they ask for.
// test/cases/smuggling_cases.json tells where each of them comes from and why.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Environ, GatewayApp } from '@appserve/core/app';
import { ok } from '../support/apps.ts';
import { startTestServer } from '../support/http-server.ts';
import { smugglingCases } from '../support/smuggling-cases.ts';

const TIMEOUT = { timeout: 240_000 };
const LOOPBACK = '127.0.0.1';

function remembering(): { app: GatewayApp; seen: Environ[] } {
  const seen: Environ[] = [];
  const app: GatewayApp = (environ, startResponse) => {
    seen.push(environ);
    return ok(startResponse, 'seen');
  };
  return { app, seen };
}

const headers = smugglingCases.filter(({ kind }) => kind === 'proxy-protocol');

/** Their headers tell no address. */
const OF_SOCKET = ['pp1-unknown', 'pp2-local'];

describe(`${headers.length} beginnings of connections`, TIMEOUT, () => {
  for (const { id, why, raw, expect, listener = 'v1', peer_trusted = true } of headers)
    it(`${expect} ${id}: ${why}`, async () => {
      const { app, seen } = remembering();
      const version = listener === 'v1-optional' ? 'v1' : listener;
      const proxies = { proxyProtocol: version, proxyAllow: [peer_trusted ? LOOPBACK : '192.0.2.77'] } as const;
      await using server = await startTestServer(app, {
        listen: 'tcp',
        headTimeoutMs: 5_000,
        ...(version === 'off' ? {} : proxies),
      });
      await using client = await server.client();
      await client.send(raw);
      if (expect === 'accept') {
        assert.equal((await client.response())?.status, 200);
        const [, address = '192.0.2.1', port = '56324'] = /peer=\[?([^\]]*?)\]?:([0-9]+)$/.exec(why) ?? [];
        const told = OF_SOCKET.includes(id) ? [LOOPBACK, String(client.localPort)] : [address, port];
        assert.deepEqual([seen[0]?.REMOTE_ADDR, seen[0]?.REMOTE_PORT], told);
        return;
      }
      assert.equal(expect, 'reject');
      // Where no header is spoken it is a request that is none; else there is not a word.
      assert.match(await client.untilEnd(), version === 'off' ? /^HTTP\/1\.1 400 / : /^$/);
      assert.deepEqual(seen, []);
    });
});

const forwarded = smugglingCases.filter(({ kind }) => kind === 'forwarded');
const FORWARDING = /^HTTP_(?:X_)?FORWARDED/;

/** What is not believed here, so that it cannot contradict. */
const NOT_BELIEVED = ['fw-scheme-conflict'];
/** A case of who believes one kind and takes the other away; here both are looked at. */
const REFUSED = ['fw-both'];

describe(`${forwarded.length} tales of proxies`, TIMEOUT, () => {
  for (const { id, why, raw, config = {}, result = {} } of forwarded)
    it(`${id}: ${why}`, async () => {
      const { app, seen } = remembering();
      const { trusted = [], listener = 'tcp' } = config;
      await using server = await startTestServer(app, { listen: listener, forwardedAllow: trusted });
      await using client = await server.client();
      await client.send(raw);
      const { status } = (await client.response())!;
      if (REFUSED.includes(id)) {
        assert.equal(status, 400);
        assert.deepEqual(seen, []);
        return;
      }
      assert.equal(status, 200);
      const environ = seen[0]!;
      const socket = listener === 'unix' ? '' : LOOPBACK;
      const remote = NOT_BELIEVED.includes(id)
        ? socket
        : (result.remote ?? '<socket>').split('|')[0]!.replace('<socket>', socket);
      assert.equal(environ.REMOTE_ADDR, remote);
      if (result.port !== undefined) assert.equal(environ.REMOTE_PORT, String(result.port));
      assert.equal(environ['wsgi.url_scheme'], result.scheme ?? 'http');
      if (result.stripped === true)
        assert.deepEqual(
          Object.keys(environ).filter((key) => FORWARDING.test(key)),
          [],
        );
    });
});
