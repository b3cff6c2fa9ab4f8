// The frameworks of Node as their users write them, unmodified: what a factory returns is their app, and it simply works.

import assert from 'node:assert/strict';
import http from 'node:http';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  livingApp,
  nodeApp,
  recognise,
  toFetch,
  toGateway,
  type App,
  type GatewayApp,
  type NodeListener,
} from '@appserve/core/app';
import express from 'express';
import Fastify from 'fastify';
import { H3, toNodeHandler } from 'h3';
import { Hono } from 'hono';
import Koa from 'koa';
import { answersOf, type Heard } from '../../support/answers-of.ts';
import { startTestServer } from '../../support/http-server.ts';

const TIMEOUT = { timeout: 120_000 };
const require = createRequire(import.meta.url);

interface Framework {
  readonly name: string;
  readonly contract: 'fetch' | 'node';
  readonly make: () => App | Promise<App>;
}

/** GET / says hello; POST /echo gives its JSON back; GET /throw fails. */
const FRAMEWORKS: readonly Framework[] = [
  { name: 'Express 5', contract: 'node', make: () => expressApp(express) },
  { name: 'Express 4', contract: 'node', make: () => expressApp(require('express4') as typeof express) },
  { name: 'Koa', contract: 'node', make: koaApp },
  { name: 'Koa by its callback', contract: 'node', make: () => koaApp().callback() },
  { name: 'Fastify', contract: 'node', make: fastifyApp },
  {
    name: 'Nest on Express',
    contract: 'node',
    make: async () => await NestFactory.create(site(), { logger: false }),
  },
  {
    name: 'Nest on Fastify',
    contract: 'node',
    make: async () => await NestFactory.create(site(), new FastifyAdapter(), { logger: false }),
  },
  { name: 'Hono', contract: 'fetch', make: honoApp },
  { name: 'h3', contract: 'fetch', make: h3App },
  { name: 'h3 by its node handler', contract: 'node', make: () => nodeApp(toNodeHandler(h3App())) },
  { name: 'Connect', contract: 'node', make: () => withMiddleware((require('connect') as () => Middleware)()) },
  { name: 'Polka', contract: 'node', make: () => withMiddleware((require('polka') as () => Middleware)()) },
  { name: 'an http.Server', contract: 'node', make: () => http.createServer(plain) },
  { name: 'a function (request, response)', contract: 'node', make: () => plain },
];

function expressApp(make: typeof express): App {
  const app = make();
  app.get('/', (_request, response) => void response.type('text').send('Hello, world!'));
  app.post('/echo', make.json(), (request, response) => void response.json(request.body));
  app.get('/throw', () => {
    throw new Error('thrown');
  });
  app.use(
    (_error: Error, _request: express.Request, response: express.Response, _next: express.NextFunction) =>
      void response.status(500).send('failed'),
  );
  return app;
}

function koaApp(): Koa & App {
  const app = new Koa({ asyncLocalStorage: false });
  app.silent = true;
  app.use(async (context) => {
    if (context.path === '/throw') throw new Error('thrown');
    if (context.path === '/echo') {
      const pieces: Buffer[] = [];
      for await (const piece of context.req) pieces.push(piece as Buffer);
      context.body = JSON.parse(Buffer.concat(pieces).toString()) as object;
    } else {
      context.body = 'Hello, world!';
    }
  });
  return app as Koa & App;
}

function fastifyApp(): App {
  const app = Fastify();
  app.get('/', async (_request, reply) => reply.type('text/plain').send('Hello, world!'));
  app.post('/echo', (request, reply) => void reply.send(request.body));
  app.get('/throw', async () => {
    throw new Error('thrown');
  });
  return app;
}

/** Decorators are not erasable, so they are called. */
function site(): new () => object {
  class Site {
    hello(): string {
      return 'Hello, world!';
    }
    fail(): never {
      throw new Error('thrown');
    }
  }
  Get()(Site.prototype, 'hello', Object.getOwnPropertyDescriptor(Site.prototype, 'hello')!);
  Get('throw')(Site.prototype, 'fail', Object.getOwnPropertyDescriptor(Site.prototype, 'fail')!);
  Controller()(Site);
  const Main = class {
    readonly name = 'main';
  };
  Module({ controllers: [Site] })(Main);
  return Main;
}

function honoApp(): App {
  const app = new Hono();
  app.get('/', (context) => context.text('Hello, world!'));
  app.post('/echo', async (context) => context.json(await context.req.json()));
  app.get('/throw', () => {
    throw new Error('thrown');
  });
  app.onError((_error, context) => context.text('failed', 500));
  return app;
}

function h3App(): H3 & App {
  const app = new H3({ silent: true });
  app.get('/', () => 'Hello, world!');
  app.post('/echo', async (event) => await event.req.json());
  app.get('/throw', () => {
    throw new Error('thrown');
  });
  return app as H3 & App;
}

interface Middleware {
  use(listener: NodeListener): unknown;
}

function withMiddleware(app: Middleware): App {
  app.use(plain);
  return app as unknown as App;
}

const plain: NodeListener = (request, response) => {
  if (request.url === '/throw') {
    response.statusCode = 500;
    response.end('failed');
  } else if (request.url === '/echo') {
    response.setHeader('Content-Type', 'application/json');
    request.pipe(response);
  } else {
    response.end('Hello, world!');
  }
};

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const ECHO = 'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}';
const THROW = 'GET /throw HTTP/1.1\r\nHost: a\r\n\r\n';
const HEAD = 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n';

async function asked(app: App, says: readonly string[]): Promise<readonly Heard[]> {
  await using server = await startTestServer(app, { listen: 'tcp', chunkedTransfer: true });
  await using client = await server.client();
  const methods = says.map((text) => text.split(' ')[0]!);
  await client.send(says.join(''));
  return answersOf(
    await client.until((text) => answersOf(text, methods).filter(({ isWhole }) => isWhole).length === says.length),
    methods,
  );
}

describe('an app of', TIMEOUT, () => {
  for (const { name, contract, make } of FRAMEWORKS) {
    it(`${name} is recognised, and answers`, async () => {
      const app = await make();
      assert.equal(recognise(app), contract);
      const living = livingApp(app);
      await living.start();
      const isNest = name.startsWith('Nest');
      const heard = await asked(living.app, [GET, HEAD, ...(isNest ? [] : [ECHO]), THROW, GET]);
      assert.deepEqual(
        heard.map(({ status, body }, index) => (status === 500 ? 500 : [index, status, body])),
        [
          [0, 200, 'Hello, world!'],
          [1, 200, ''],
          ...(isNest ? [] : [[2, 200, '{"a":1}']]),
          500,
          [isNest ? 3 : 4, 200, 'Hello, world!'],
        ],
      );
      assert.deepEqual(await living.close(), []);
    });

    it(`${name} answers where it is mounted, at the very path of the mount too`, async () => {
      const living = livingApp(await make());
      await living.start();
      const inner = toGateway(living.app);
      const mounted: GatewayApp = (environ, startResponse) => {
        environ.SCRIPT_NAME = '/m';
        environ.PATH_INFO = environ.PATH_INFO.slice(2);
        return inner(environ, startResponse);
      };
      const targets = ['/m', '/m?a=1', '/m/', '/m/?a=1'];
      const heard = await asked(
        mounted,
        targets.map((target) => GET.replace('/', target)),
      );
      for (const [index, { status, body }] of heard.entries())
        assert.deepEqual([targets[index], status, body], [targets[index], 200, 'Hello, world!']);
      assert.deepEqual(await living.close(), []);
    });

    for (const [to, convert] of [
      ['gateway', toGateway],
      ['fetch', toFetch],
    ] as const) {
      it(`${name} answers as a ${to} app too`, async () => {
        const heard = await asked(convert(await make()), [GET, HEAD, GET]);
        assert.deepEqual(
          heard.map(({ status, body }) => [status, body]),
          [
            [200, 'Hello, world!'],
            [200, ''],
            [200, 'Hello, world!'],
          ],
        );
      });
    }
  }
});
