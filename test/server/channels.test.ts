// What agents such as OpenTelemetry hook into: the trace context in each contract, and the channels of requests and workers.

import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import express from 'express';
import { nodeApp, traceContext, type App, type GatewayApp } from '@appserve/core/app';
import type { TraceContext } from '@appserve/core/message';
import { Command, write } from '../support/command.ts';
import { Deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer } from '../support/http-server.ts';
import { linkPackages, temporaryFolder } from '../support/temporary.ts';

const TIMEOUT = { timeout: 240_000 };
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`;

function seen(context: TraceContext | undefined): string {
  return JSON.stringify([context?.traceId, context?.parentId, context?.isSampled, context?.tracestate]);
}

const APPS: Readonly<Record<string, App>> = {
  gateway: ((environ, startResponse) => {
    startResponse('200 OK', []);
    return [Buffer.from(seen(environ['appserve.trace_context']()))];
  }) satisfies GatewayApp,
  'gateway, asked by the function': ((environ, startResponse) => {
    startResponse('200 OK', []);
    return [Buffer.from(seen(traceContext(environ)))];
  }) satisfies GatewayApp,
  fetch: { fetch: (_request, context) => new Response(seen(context.traceContext)) },
  'fetch, asked by the function': { fetch: (_request, context) => new Response(seen(traceContext(context))) },
  node: nodeApp((request, response) => {
    response.end(seen((request as IncomingMessage & { traceContext: TraceContext | undefined }).traceContext));
  }),
  'express, which makes requests its own': express().use((request, response) => {
    response.end(seen(traceContext(request)));
  }) as App,
};

describe('the trace context', TIMEOUT, () => {
  for (const [name, app] of Object.entries(APPS)) {
    it(`reaches an app: ${name}`, async () => {
      await using server = await startTestServer(app);
      await using client = await server.client();
      const answerTo = async (...lines: readonly string[]): Promise<unknown> => {
        await client.send(`GET / HTTP/1.1\r\nHost: test\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`);
        return JSON.parse((await client.response())!.body);
      };
      const right = [TRACE, '00f067aa0ba902b7', true, 'a=1, b=2'];
      assert.deepEqual(await answerTo(`traceparent: ${PARENT}`, 'tracestate: a=1', 'tracestate: b=2'), right);
      const nothing = [null, null, null, null];
      assert.deepEqual(await answerTo(), nothing);
      assert.deepEqual(await answerTo(`traceparent: ${PARENT}x`), nothing);
      assert.deepEqual(await answerTo(`traceparent: ${PARENT}`, `traceparent: ${PARENT}`), nothing);
    });
  }
});

interface Story {
  readonly request: { readonly method: string; readonly target: string };
  readonly connection: { readonly scheme: string };
  readonly traceContext: TraceContext | undefined;
  readonly status: number;
  readonly error: unknown;
  readonly durationMs: number;
  readonly waitedMs: number;
}

const REQUEST_CHANNELS = ['start', 'end', 'error'] as const;

/** What is told meanwhile, in its order. */
async function toldWhile(act: () => Promise<void>): Promise<(readonly [what: string, story: Story])[]> {
  const told: (readonly [string, Story])[] = [];
  const listeners = REQUEST_CHANNELS.map((what) => {
    const name = `appserve.request.${what}`;
    const listener = (story: unknown): void => void told.push([what, story as Story]);
    subscribe(name, listener);
    return [name, listener] as const;
  });
  try {
    await act();
  } finally {
    for (const [name, listener] of listeners) unsubscribe(name, listener);
  }
  return told;
}

const app: GatewayApp = async (environ, startResponse) => {
  if (environ.PATH_INFO === '/fails') throw new Error('no luck');
  if (environ.PATH_INFO === '/later') await later(30);
  startResponse('201 Created', []);
  return [Buffer.from('done')];
};

async function toldOf(path: string): Promise<(readonly [string, Story])[]> {
  await using server = await startTestServer(app);
  await using client = await server.client();
  return await toldWhile(async () => {
    await client.send(`GET ${path} HTTP/1.1\r\nHost: test\r\ntraceparent: ${PARENT}\r\n\r\n`);
    await client.response();
  });
}

describe('the channels of requests', TIMEOUT, () => {
  it('tell of its start and its end, by one object', async () => {
    const sinceMs = performance.now();
    const told = await toldOf('/later?a=b');
    assert.deepEqual(
      told.map(([what]) => what),
      ['start', 'end'],
    );
    const [[, story], [, same]] = told as [(typeof told)[0], (typeof told)[0]];
    assert.equal(story, same);
    assert.deepEqual([story.request.method, story.request.target, story.connection.scheme], ['GET', '/later?a=b', 'http']);
    assert.equal(story.traceContext?.traceId, TRACE);
    assert.equal(story.status, 201);
    assert.ok(story.durationMs >= 29 && story.durationMs < performance.now() - sinceMs, String(story.durationMs));
    assert.ok(story.waitedMs >= 0 && story.waitedMs < story.durationMs);
  });

  it('tell of an app that fails, before the end', async () => {
    const told = await toldOf('/fails');
    assert.deepEqual(
      told.map(([what]) => what),
      ['start', 'error', 'end'],
    );
    assert.equal((told[1]![1].error as Error).message, 'no luck');
    assert.equal(told[2]![1].status, 500);
  });

  it('tell of a client that leaves', async () => {
    const called = new Deferred();
    const never = (): Promise<never> => {
      called.resolve();
      return new Promise<never>(() => undefined);
    };
    await using server = await startTestServer(never, { interface: 'gateway', listen: 'tcp' });
    let count = 0;
    const listener = (): void => void (count += 1);
    const told = await toldWhile(async () => {
      subscribe('appserve.request.end', listener);
      {
        await using client = await server.client();
        await client.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
        await called.promise;
        client.reset();
      }
      await eventually('its end is told', () => count === 1);
      unsubscribe('appserve.request.end', listener);
    });
    assert.deepEqual(
      told.map(([what, { status }]) => [what, status]),
      [
        ['start', 0],
        ['end', 0],
      ],
    );
  });

  it('have the app run in the stores that are bound to the start', async () => {
    const store = new AsyncLocalStorage<string>();
    const start = channel('appserve.request.start');
    start.bindStore(store, (story) => (story as Story).request.target);
    try {
      const asked: GatewayApp = async (_environ, startResponse) => {
        await later(1);
        startResponse('200 OK', []);
        return [Buffer.from(store.getStore() ?? 'nothing')];
      };
      await using server = await startTestServer(asked);
      await using client = await server.client();
      await client.send('GET /bound HTTP/1.1\r\nHost: test\r\n\r\n');
      assert.equal((await client.response())!.body, '/bound');
    } finally {
      start.unbindStore(store);
    }
    assert.equal(start.hasSubscribers, false);
  });
});

describe('the channels of workers', TIMEOUT, () => {
  it('tell the main thread who starts, why, and how each ends', async () => {
    using folder = temporaryFolder();
    linkPackages(folder);
    write(folder, {
      'server.mjs': `
        import { subscribe } from 'node:diagnostics_channel';
        import { serve } from '@appserve/server';
        const application = () => { process.exit(3); };
        subscribe('appserve.worker.start', ({ name, generation, why }) => console.error('START', name, generation, why));
        subscribe('appserve.worker.exit', ({ name, code, error }) => console.error('EXIT', name, code, error));
        const server = await serve(application, { socket: '127.0.0.1:0', workers: 1, interface: 'gateway' });
      `,
    });
    await using command = Command.node(['server.mjs'], { cwd: folder.path });
    await using client = await command.client();
    await client.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    await command.says(/START worker-1 1 first[^]*EXIT worker-1 3 undefined[^]*START worker-1 1 death/);
  });
});
