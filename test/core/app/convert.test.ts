// What conversions keep that is not an answer: failures, the connection, hints, ends of streams, and apps outside of our server.

import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import {
  livingApp,
  nodeApp,
  recognise,
  toFetch,
  toGateway,
  toNode,
  type Environ,
  type FetchContext,
  type GatewayApp,
  type NodeListener,
} from '@appserve/core/app';
import Fastify from 'fastify';
import { Deferred } from '../../support/deferred.ts';
import { eventually } from '../../support/eventually.ts';
import { startTestServer } from '../../support/http-server.ts';
import { RawClient } from '../../support/raw-client.ts';

const TIMEOUT = { timeout: 120_000 };
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const NOBODY = undefined as unknown as FetchContext;

const hello: GatewayApp = (_environ, startResponse) => {
  startResponse('200 OK', [['X-App', 'gateway']]);
  return [Buffer.from('hello')];
};

/** On node:http, where nobody of ours is below. */
async function onNode(listener: NodeListener): Promise<AsyncDisposable & { client(): Promise<RawClient> }> {
  const server = http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    client: () => RawClient.connect((server.address() as AddressInfo).port),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const throwing: GatewayApp = (_environ, _startResponse) => {
  throw new Error('thrown');
};

const throwingLate: GatewayApp = (_environ, startResponse) => {
  startResponse('200 OK', []);
  return begun();
};

async function* begun(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('begun');
  throw new Error('thrown later');
}

async function* endless(onLeft: () => void): AsyncGenerator<Uint8Array> {
  try {
    for (;;) yield Buffer.alloc(32_768);
  } finally {
    onLeft();
  }
}

/** What is written by console.error meanwhile. */
async function toldWhile(act: () => Promise<void>): Promise<string> {
  const told: unknown[] = [];
  const { error: tell } = console;
  console.error = (...words: unknown[]) => void told.push(...words);
  try {
    await act();
  } finally {
    console.error = tell;
  }
  return told.map((word) => inspect(word)).join('\n');
}

function refuse(): never {
  throw new Error('refused');
}

const closing: GatewayApp = (_environ, startResponse) => {
  startResponse('200 OK', []);
  return Object.assign([Buffer.from('whole')], { close: refuse });
};

const tellingPath: GatewayApp = (environ, startResponse) => {
  startResponse('200 OK', []);
  return [Buffer.from(`${environ.PATH_INFO}?${environ.QUERY_STRING}`)];
};

describe('a converted app', TIMEOUT, () => {
  it('that keeps the contract already is itself', () => {
    const fetchApp = { fetch: () => new Response() };
    const listener = nodeApp(() => undefined);
    assert.equal(toFetch(fetchApp), fetchApp);
    assert.equal(toGateway(hello), hello);
    assert.equal(toNode(listener), listener);
  });

  it('is recognised for what it became', () => {
    assert.deepEqual(
      [recognise(toFetch(hello)), recognise(toGateway(() => new Response())), recognise(toNode(hello))],
      ['fetch', 'gateway', 'node'],
    );
  });

  it('that is no app is refused at once', () => {
    for (const convert of [toFetch, toGateway, toNode]) assert.throws(() => convert({}), { code: 'APP_UNKNOWN' });
  });

  it('answers a Request that no server has sent', async () => {
    const response = await toFetch(hello).fetch(new Request('http://example.test/a?b'), NOBODY);
    assert.deepEqual([response.status, response.headers.get('x-app'), await response.text()], [200, 'gateway', 'hello']);
  });

  it('tells a gateway app of such a Request what it says', async () => {
    let seen: unknown;
    const app: GatewayApp = async (environ, startResponse) => {
      const body = Buffer.from(await environ['wsgi.input'].read()).toString();
      const { REQUEST_METHOD, PATH_INFO, QUERY_STRING, SERVER_NAME, SERVER_PORT, HTTP_HOST, CONTENT_TYPE } = environ;
      seen = [
        REQUEST_METHOD,
        PATH_INFO,
        QUERY_STRING,
        SERVER_NAME,
        SERVER_PORT,
        HTTP_HOST,
        CONTENT_TYPE,
        environ['wsgi.url_scheme'],
        body,
      ];
      startResponse('200 OK', []);
      return [];
    };
    await toFetch(app).fetch(
      new Request('https://example.test/a?b', { method: 'POST', body: 'body', headers: { 'Content-Type': 'text/x' } }),
      NOBODY,
    );
    assert.deepEqual(seen, ['POST', '/a', 'b', 'example.test', '443', 'example.test', 'text/x', 'https', 'body']);
  });

  it('rejects with what the app throws', async () => {
    await assert.rejects(Promise.resolve(toFetch(throwing).fetch(new Request('http://a/'), NOBODY)), /thrown/);
  });

  it('breaks its stream off with what the app throws later', async () => {
    const response = await toFetch(throwingLate).fetch(new Request('http://a/'), NOBODY);
    await assert.rejects(response.text(), /thrown later/);
  });

  it('rejects with what no Response can say, also of a stream', async () => {
    for (const isWhole of [true, false]) {
      const app: GatewayApp = (_environ, startResponse) => {
        startResponse('999 Odd', []);
        return isWhole ? [Buffer.from('odd')] : begun();
      };
      await assert.rejects(Promise.resolve(toFetch(app).fetch(new Request('http://a/'), NOBODY)), RangeError);
    }
  });

  it('fails where the gateway below refuses its head, also of a stream', async () => {
    const streaming = nodeApp((_request, response) => {
      response.flushHeaders();
    });
    const environ = {
      REQUEST_METHOD: 'GET',
      SCRIPT_NAME: '',
      PATH_INFO: '/',
      QUERY_STRING: '',
      RAW_URI: '/',
      SERVER_PROTOCOL: 'HTTP/1.1',
    };
    for (const app of [streaming, nodeApp((_request, response) => response.end('whole'))])
      await assert.rejects(Promise.resolve(toGateway(app)(environ as unknown as Environ, refuse)), /refused/);
  });

  it('rejects, and does not throw, where it is given no request at all', async () => {
    await assert.rejects(Promise.resolve(toFetch(hello).fetch({} as Request, NOBODY)), TypeError);
    await assert.rejects(Promise.resolve(toGateway(() => new Response())({} as Environ, refuse)));
  });

  it('reads the path of an environ that no server of ours has made, which has no RAW_URI', async () => {
    let seen = '';
    const app = toGateway((request: Request) => {
      seen = request.url;
      return new Response();
    });
    const environ = {
      REQUEST_METHOD: 'GET',
      SCRIPT_NAME: '/a b',
      PATH_INFO: '/\xc3\xa9%',
      QUERY_STRING: 'q=%2F',
      SERVER_NAME: 'example.test',
      SERVER_PORT: '80',
      SERVER_PROTOCOL: 'HTTP/1.1',
      HTTP_HOST: 'example.test',
      'wsgi.url_scheme': 'http',
    };
    await app(environ as unknown as Environ, () => async () => undefined);
    assert.equal(seen, 'http://example.test/%C3%A9%25?q=%2F');
  });

  it('knows of a Request that was broken off before', { timeout: 5_000 }, async () => {
    let isAborted: boolean | undefined;
    const app: GatewayApp = (environ, startResponse) => {
      isAborted = environ['wsgi.signal']().aborted;
      startResponse('200 OK', []);
      return [];
    };
    const request = new Request('http://a/', { signal: AbortSignal.abort(new Error('too late')) });
    await assert.rejects(Promise.resolve(toFetch(app).fetch(request, NOBODY)), /too late/);
    assert.equal(isAborted, true);
  });

  it('rejects when its Request is broken off before it has answered', { timeout: 5_000 }, async () => {
    const controller = new AbortController();
    const app: GatewayApp = async (environ, _startResponse) => {
      const { promise, resolve } = new Deferred();
      environ['wsgi.signal']().addEventListener('abort', () => resolve());
      controller.abort(new Error('gone'));
      await promise;
      return [];
    };
    const request = new Request('http://a/', { signal: controller.signal });
    await assert.rejects(Promise.resolve(toFetch(app).fetch(request, NOBODY)), /gone/);
  });

  it('that fails behind its answer is told of, and harms nobody', async () => {
    const told = await toldWhile(async () => {
      const response = await toFetch(closing).fetch(new Request('http://a/'), NOBODY);
      assert.equal(await response.text(), 'whole');
      await new Promise(setImmediate);
    });
    assert.match(told, /refused/);
  });

  it('is left when the reader of its Response has had enough', async () => {
    let isLeft = false;
    const app: GatewayApp = (_environ, startResponse) => {
      startResponse('200 OK', []);
      return endless(() => (isLeft = true));
    };
    const response = await toFetch(app).fetch(new Request('http://a/'), NOBODY);
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    await eventually('it is left', () => isLeft);
  });

  it('sends early hints through what is between', async () => {
    const inner = nodeApp((_request, response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      response.end('after');
    });
    for (const app of [toGateway(inner), toFetch(inner), toNode(toFetch(toGateway(inner)))]) {
      await using server = await startTestServer(app);
      await using client = await server.client();
      await client.send(GET);
      assert.match(
        await client.until((text) => text.endsWith('after')),
        /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>; rel=preload\r\n\r\nHTTP\/1\.1 200/,
      );
    }
  });

  it('cannot take over a connection that nobody has', async () => {
    const app = nodeApp(
      () => undefined,
      (_request, socket) => socket.destroy(),
    );
    const request = new Request('http://a/', { headers: { Connection: 'upgrade', Upgrade: 'x' } });
    // Request drops Connection, as the standard has it: it is put back as a server's own would be.
    const carrying = Object.create(request, {
      headers: {
        value: new Headers([
          ['upgrade', 'x'],
          ['connection', 'upgrade'],
        ]),
      },
    }) as Request;
    for (const name of ['method', 'url', 'body', 'signal'] as const)
      Object.defineProperty(carrying, name, { value: request[name] });
    await assert.rejects(Promise.resolve(toFetch(app).fetch(carrying, NOBODY)), { code: 'CONNECTION_OUT_OF_REACH' });
  });

  it('sees the client that a filter names, and not the socket of the proxy', async () => {
    const inner = toGateway(
      nodeApp((request, response) => response.end(`${request.socket.remoteAddress} ${request.socket.remotePort}`)),
    );
    const behindProxy: GatewayApp = (environ, startResponse) =>
      inner(Object.assign(environ, { REMOTE_ADDR: '192.0.2.9', REMOTE_PORT: '' }), startResponse);
    await using server = await startTestServer(behindProxy, { listen: 'tcp' });
    await using client = await server.client();
    await client.send(GET);
    assert.equal((await client.response())?.body, '192.0.2.9 undefined');
  });
});

describe('an app of ours on node:http', TIMEOUT, () => {
  it('answers', async () => {
    await using server = await onNode(toNode(hello));
    await using client = await server.client();
    await client.send(GET + GET);
    const answers = [await client.response(), await client.response()];
    assert.deepEqual(
      answers.map((answer) => answer?.body),
      ['hello', 'hello'],
    );
  });

  it('that throws is answered for, and the error is told', async () => {
    const told = await toldWhile(async () => {
      await using server = await onNode(toNode(throwing));
      await using client = await server.client();
      await client.send(GET);
      assert.equal((await client.response())?.status, 500);
    });
    assert.match(told, /thrown/);
  });

  it('that fails behind its head is cut off, and the error is told', async () => {
    const told = await toldWhile(async () => {
      await using server = await onNode(toNode(throwingLate));
      await using client = await server.client();
      await client.send(GET);
      assert.doesNotMatch(await client.untilEnd(), /\r\n0\r\n\r\n$/);
    });
    assert.match(told, /thrown later/);
  });

  it('behind one who has begun the answer already is cut off, and the error is told', async () => {
    const app = toNode(hello);
    const told = await toldWhile(async () => {
      await using server = await onNode((request, response) => {
        response.write('early');
        return app(request, response);
      });
      await using client = await server.client();
      await client.send(GET);
      assert.doesNotMatch(await client.untilEnd(), /hello|\r\n0\r\n\r\n$/);
    });
    assert.match(told, /ERR_HTTP_HEADERS_SENT/);
  });

  for (const target of ['http://[', 'http://a b/', 'nonsense', 'ftp://a/'])
    it(`answers a target that is none with 400: ${target}`, async () => {
      await using server = await onNode(toNode(hello));
      await using client = await server.client();
      await client.send(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      assert.match(await client.untilEnd(), /^HTTP\/1\.1 400 /);
    });

  it('reads a target that names its host', async () => {
    await using server = await onNode(toNode(tellingPath));
    await using client = await server.client();
    await client.send('GET http://example.test?a HTTP/1.1\r\nHost: example.test\r\n\r\n');
    assert.equal((await client.response())?.body, '/?a');
  });
});

describe('the life of a framework', TIMEOUT, () => {
  it('begins before the first request: a plugin that fails keeps the app from starting', async () => {
    const app = Fastify();
    app.register(async () => {
      throw new Error('no database');
    });
    await assert.rejects(livingApp(app).start(), /no database/);
  });

  it('ends with the worker', async () => {
    const app = Fastify();
    let isClosed = false;
    app.addHook('onClose', async () => void (isClosed = true));
    const living = livingApp(app);
    await living.start();
    assert.deepEqual(await living.close(), []);
    assert.equal(isClosed, true);
  });
});
