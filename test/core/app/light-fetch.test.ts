// The global classes of fetch, light: every one of them is still what the standard says of it.

import assert from 'node:assert/strict';
import { describe, it, before, after } from 'node:test';
import { installLightFetch, lightResponse, toHandler } from '@appserve/core/app';
import { MemoryExchange, run } from '../../support/memory-exchange.ts';
import { startTestServer } from '../../support/http-server.ts';

const SERVER = {
  software: 'appserve/test',
  errors: { write: () => undefined, writelines: () => undefined, flush: () => undefined },
  multiprocess: false,
};

const native = { Request: globalThis.Request, Response: globalThis.Response, fetch: globalThis.fetch };

describe('light fetch', { timeout: 120_000 }, () => {
  before(() => {
    installLightFetch();
    installLightFetch();
  });
  after(() => {
    Object.assign(globalThis, native);
  });

  it('puts the light Response in the place of the global one', () => {
    assert.equal(globalThis.Response, lightResponse());
    assert.ok(new Response() instanceof native.Response);
  });

  it('gives apps a Request of which others can be made, and that can be fetched', async () => {
    await using target = await startTestServer(
      { fetch: async (request) => new Response(`${request.method} ${await request.text()}`) },
      { listen: 'tcp' },
    );
    const exchange = new MemoryExchange({ method: 'POST', pieces: ['hello'], flat: ['Host', `127.0.0.1:${target.at}`] });
    await run(
      toHandler(async (request: Request) => {
        assert.ok(request instanceof Request);
        assert.ok(request instanceof native.Request);
        const answer = await fetch(new Request(request, { headers: { 'x-a': 'b' } }));
        assert.ok(answer instanceof Response);
        return new Response(`[${await answer.text()}]`);
      }, SERVER),
      exchange,
    );
    assert.ok(exchange.heard.includes('data [POST hello]'), exchange.heard.join('\n'));
  });

  it('fetches a Request as it came', async () => {
    await using target = await startTestServer(
      { fetch: (request) => new Response(new URL(request.url).pathname) },
      { listen: 'tcp' },
    );
    const exchange = new MemoryExchange({ target: '/as/it/came', flat: ['Host', `127.0.0.1:${target.at}`] });
    await run(
      toHandler((request: Request) => fetch(request), SERVER),
      exchange,
    );
    assert.ok(exchange.heard.includes('data /as/it/came'), exchange.heard.join('\n'));
  });

  it('lets classes be made from them', () => {
    class Mine extends Request {}
    assert.ok(new Mine('http://a/') instanceof Mine);
    assert.equal(new Request('http://a/') instanceof Mine, false);
    assert.equal({} instanceof Request, false);
  });
});
