// Which contract an app keeps, decided once, when it is loaded.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CONTRACT, nodeApp, recognise, toHandler, type GatewayApp, type GatewayServer } from '@appserve/core/app';
import { MemoryExchange, run } from '../../support/memory-exchange.ts';

const SERVER: GatewayServer = {
  software: 'appserve/test',
  errors: { write: () => undefined, writelines: () => undefined, flush: () => undefined },
  multiprocess: false,
};

const fetchApp = (): Response => new Response('fetch');
const gatewayApp: GatewayApp = (_environ, startResponse) => {
  startResponse('200 OK', []);
  return [Buffer.from('gateway')];
};

async function said(app: unknown, contract?: 'gateway' | 'fetch'): Promise<string> {
  const exchange = new MemoryExchange();
  await run(toHandler(app, SERVER, contract), exchange);
  return exchange.heard.find((line) => line.startsWith('data '))!;
}

function listener(_req: unknown, _res: unknown): void {
  // Answers nobody.
}

function /* (a, b) */ commented(/* the */ req: unknown, /* and the */ res: unknown): unknown[] {
  return [req, res];
}

const handled = {
  handle(request: unknown, reply: unknown): unknown[] {
    return [request, reply, this];
  },
};

describe('an app', () => {
  it('of two parameters keeps the gateway contract', () => {
    assert.equal(recognise(gatewayApp), 'gateway');
    assert.equal(
      recognise(async (_environ: unknown, _startResponse: unknown) => []),
      'gateway',
    );
  });

  it('of one parameter or none keeps the fetch contract', () => {
    assert.equal(recognise(fetchApp), 'fetch');
    assert.equal(
      recognise((_request: Request) => new Response()),
      'fetch',
    );
  });

  it('of three parameters, or of a request and a response, keeps the node contract', () => {
    const listeners: readonly unknown[] = [
      (_a: unknown, _b: unknown, _c: unknown) => undefined,
      (req: unknown, res: unknown) => [req, res],
      async (request: unknown, response: unknown) => [request, response],
      (_error: unknown, req: unknown, res: unknown, next: unknown) => [req, res, next],
      (req: unknown, res: unknown, next: unknown) => [req, res, next],
      (req: unknown, answer: unknown, next: unknown) => [req, answer, next],
      (req: unknown, resp: unknown) => [req, resp],
      listener,
      commented,
    ];
    assert.equal(recognise(Reflect.get(handled, 'handle')), 'node');
    for (const one of listeners) assert.equal(recognise(one), 'node', String(one));
  });

  it('of two parameters that only look like these keeps the gateway contract', () => {
    const apps: readonly unknown[] = [
      (a: unknown, b: unknown) => [a, b],
      (request: unknown, startResponse: unknown) => [request, startResponse],
      (requests: unknown, responses: unknown) => [requests, responses],
      listener.bind(undefined),
    ];
    for (const app of apps) assert.equal(recognise(app), 'gateway', String(app));
  });

  it('of a request and what is beside it keeps the fetch contract', () => {
    const apps: readonly unknown[] = [
      (request: unknown, context: unknown) => [request, context],
      async (req: unknown, info: unknown) => [req, info],
      (request: unknown, env: unknown, ctx: unknown) => [request, env, ctx],
      (_request: unknown, { remoteAddress }: { remoteAddress: string }) => remoteAddress,
      async function (request: unknown, env: unknown, ctx: unknown) {
        return [request, env, ctx];
      },
    ];
    for (const app of apps) assert.equal(recognise(app), 'fetch', String(app));
  });

  it('says itself what it is, whatever it looks like', () => {
    assert.equal(recognise(nodeApp((a, b) => [a, b])), 'node');
    assert.equal(recognise(Object.assign((_environ: unknown, _start: unknown) => [], { [CONTRACT]: 'fetch' })), 'fetch');
  });

  it('with a fetch method keeps the fetch contract, be it a function or an object', () => {
    assert.equal(recognise({ fetch: fetchApp }), 'fetch');
    assert.equal(recognise(Object.assign(gatewayApp.bind(undefined), { fetch: fetchApp })), 'fetch');
  });

  for (const [app, found] of [
    [undefined, 'undefined'],
    [null, 'null'],
    ['app', 'a string'],
    [42, 'a number'],
    [[], 'an array'],
    [{}, 'an object'],
    [{ fetch: 'x' }, 'an object'],
    [new Map(), 'an instance of Map'],
    [Object.create(null), 'an object'],
  ] as const) {
    it(`is not ${found}, and the fault says so`, () => {
      assert.throws(() => toHandler(app, SERVER), { code: 'APP_UNKNOWN', message: `this is no app: ${found}` });
    });
  }

  for (const [contract, found, app] of [
    ['gateway', 'an object with fetch', { fetch: fetchApp }],
    ['gateway', 'undefined', undefined],
    ['fetch', 'a number', 42],
    ['fetch', 'an object without fetch', {}],
    ['fetch', 'null', null],
  ] as const) {
    it(`of the contract ${contract} is not ${found}, and that is said when it is loaded`, () => {
      assert.throws(() => toHandler(app, SERVER, contract), { code: 'APP_UNKNOWN' });
    });
  }
});

describe('a handler', () => {
  it('calls a gateway app', async () => {
    assert.equal(await said(gatewayApp), 'data gateway');
  });

  it('calls a fetch function', async () => {
    assert.equal(await said(fetchApp), 'data fetch');
  });

  it('calls fetch as a method of its object', async () => {
    class Site {
      #name = 'site';
      fetch(): Response {
        return new Response(this.#name);
      }
    }
    assert.equal(await said(new Site()), 'data site');
  });

  it('prefers the fetch method of a function', async () => {
    assert.equal(await said(Object.assign(gatewayApp.bind(undefined), { fetch: fetchApp })), 'data fetch');
  });

  it('looks fetch up for each request, so that it can be replaced', async () => {
    const site = { fetch: fetchApp };
    const handler = toHandler(site, SERVER);
    site.fetch = () => new Response('replaced');
    const exchange = new MemoryExchange();
    await run(handler, exchange);
    assert.ok(exchange.heard.includes('data replaced'));
  });

  it('keeps the contract that it is told, whatever the app looks like', async () => {
    assert.equal(
      await said((...parameters: Parameters<GatewayApp>): unknown => gatewayApp(...parameters), 'gateway'),
      'data gateway',
    );
  });
});
