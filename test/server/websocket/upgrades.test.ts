// How an app of each contract gets a WebSocket, bare, behind filters and converted; and what a client is told that cannot have one.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Hono } from 'hono';
import {
  toFetch,
  toGateway,
  validator,
  type App,
  type FetchFunction,
  type FetchObject,
  type GatewayApp,
  type WebSocketApp,
} from '@appserve/core/app';
import { get } from '../../support/apps.ts';
import { FrameClient, handshake } from '../../support/frame-client.ts';
import { startTestServer, type TestServer } from '../../support/http-server.ts';

const TIMEOUT = { timeout: 120_000, concurrency: 4 };

const ECHO: Pick<WebSocketApp, 'message'> = { message: (socket, message) => socket.send(message) };

/** Answers ordinary requests too. */
const gateway: GatewayApp = (environ, startResponse) => {
  const upgrade = environ['appserve.websocket'];
  if (upgrade !== undefined) return upgrade(startResponse, ECHO, { headers: [['X-App', 'gateway']] });
  startResponse('200 OK', []);
  return [Buffer.from('no WebSocket')];
};

const fetchApp: FetchFunction = (request, context) =>
  request.headers.has('upgrade') ? context.upgrade(ECHO, { headers: [['X-App', 'fetch']] }) : new Response('no WebSocket');

const hono = new Hono<{ Bindings: Parameters<FetchFunction>[1] }>();
hono.get('/', (c) => (c.req.header('upgrade') === undefined ? c.text('no WebSocket') : c.env.upgrade(ECHO)));

async function asserts(server: TestServer, head: RegExp): Promise<void> {
  await using client = await FrameClient.open(server.at);
  assert.match(client.head, head);
  client.send('text hello');
  assert.equal(await client.hear(), 'text hello');
  assert.deepEqual(errorsOf(server), []);
}

function errorsOf({ log }: TestServer): string[] {
  return log.filter(({ level }) => level === 'error').map(({ message }) => message.split('\n')[0]!);
}

const SWITCHING = /^HTTP\/1\.1 101 Switching Protocols\r\n/;

describe('a WebSocket', TIMEOUT, () => {
  const CONTRACTS: readonly (readonly [string, App, RegExp])[] = [
    ['a gateway app', gateway, /\r\nX-App: gateway$/],
    ['a fetch function', { fetch: fetchApp }, /\r\nx-app: fetch$/],
    ['a Hono app', hono, SWITCHING],
    ['a gateway app as a fetch app', toFetch(gateway), /\r\nX-App: gateway$/],
    ['a fetch app as a gateway app', toGateway({ fetch: fetchApp }), /\r\nx-app: fetch$/],
    ['a Hono app as a gateway app', toGateway(hono), SWITCHING],
    ['a WebSocket app as a fetch app', toFetch(ECHO), SWITCHING],
    ['a WebSocket app as a gateway app', toGateway(ECHO), SWITCHING],
    ['a gateway app behind the validator', validator(gateway), /\r\nX-App: gateway$/],
    ['a fetch app as a gateway app behind the validator', validator(toGateway({ fetch: fetchApp })), /\r\nx-app: fetch$/],
    ['a WebSocket app as a gateway app behind the validator', validator(toGateway(ECHO)), SWITCHING],
  ];
  for (const [name, app, head] of CONTRACTS) {
    it(`is had by ${name}`, async () => {
      await using server = await startTestServer(app);
      await asserts(server, head);
    });
  }

  for (const listen of ['tcp', 'tls'] as const) {
    it(`is had over ${listen}`, async () => {
      await using server = await startTestServer(gateway, { listen });
      await using client = await server.client();
      await client.send(handshake());
      assert.equal((await client.response())?.status, 101);
      await client.send('\x81\x82\0\0\0\0hi');
      assert.equal(await client.until((text) => text.length >= 4), '\x81\x02hi');
    });
  }

  it('is one of several behind one composite, each with its own options', async () => {
    const rooms: Readonly<Record<string, App>> = {
      '/small': toGateway({ ...ECHO, maxMessageBytes: 5 }),
      '/chat': toGateway({ ...ECHO, protocols: ['chat'] }),
      '/text': gateway,
    };
    const composite: GatewayApp = (environ, startResponse) => {
      const [room = ''] = /^\/[a-z]*/.exec(environ.PATH_INFO) ?? [];
      environ.SCRIPT_NAME += room;
      environ.PATH_INFO = environ.PATH_INFO.slice(room.length);
      return (rooms[room] as GatewayApp)(environ, startResponse);
    };
    await using server = await startTestServer(composite);
    await using small = await FrameClient.open(server.at, '/small');
    await using chat = await FrameClient.open(server.at, '/chat/x', ['Sec-WebSocket-Protocol: chat']);
    await using text = await FrameClient.open(server.at, '/text');
    for (const client of [small, chat, text]) client.send('text too long');
    assert.deepEqual(
      [await small.hear(), await chat.hear(), await text.hear()],
      ['close 1009', 'text too long', 'text too long'],
    );
    assert.match(chat.head, /^Sec-WebSocket-Protocol: chat$/m);
  });
});

const addsField: GatewayApp = (environ, startResponse) =>
  gateway(environ, (status, headers, excInfo) => startResponse(status, [...headers, ['X-Filter', status]], excInfo));

const iterates: GatewayApp = (environ, startResponse) => piecesOf(gateway(environ, startResponse));

async function* piecesOf(result: ReturnType<GatewayApp>): AsyncGenerator<Uint8Array> {
  for await (const piece of await result) yield piece;
}

const refuses: GatewayApp = (_environ, startResponse) => {
  startResponse('401 Unauthorized', []);
  return [];
};

const changesStatus: GatewayApp = (environ, startResponse) =>
  gateway(environ, (_status, headers) => startResponse('200 OK', headers));

const instead: GatewayApp = (environ, startResponse) => {
  const result = gateway(environ, startResponse);
  startResponse('200 OK', [], new Error('changed my mind'));
  return result;
};

describe('a filter', TIMEOUT, () => {
  it('of gateway apps adds a field to a 101', async () => {
    await using server = await startTestServer(addsField);
    await asserts(server, /\r\nX-App: gateway\r\nX-Filter: 101 Switching Protocols$/);
  });

  it('of gateway apps may iterate over what it lets through', async () => {
    await using server = await startTestServer(iterates);
    await asserts(server, SWITCHING);
  });

  it('of gateway apps may refuse it', async () => {
    await using server = await startTestServer(refuses);
    await using client = await FrameClient.open(server.at);
    assert.match(client.head, /^HTTP\/1\.1 401 /);
  });

  it('of gateway apps that makes another status of it is a 500, and is told so', async () => {
    await using server = await startTestServer(changesStatus);
    await using client = await FrameClient.open(server.at);
    assert.match(client.head, /^HTTP\/1\.1 500 /);
    assert.match(errorsOf(server)[0]!, /a filter has changed the answer to an upgrade/);
  });

  it('of gateway apps that begins another answer instead is a 500, and is told so', async () => {
    await using server = await startTestServer(instead);
    await using client = await FrameClient.open(server.at);
    assert.match(client.head, /^HTTP\/1\.1 500 /);
    assert.match(errorsOf(server)[0]!, /a filter has changed the answer to an upgrade/);
  });

  it('of fetch apps adds a field to a 101', async () => {
    const filter: FetchObject = {
      fetch: async (request, context, again) => {
        const response = await fetchApp(request, context, again);
        response.headers.set('X-Filter', `${response.status} ${response.statusText} ${response.ok}`);
        return response;
      },
    };
    await using server = await startTestServer(filter);
    await asserts(server, /\r\nx-app: fetch\r\nx-filter: 101 Switching Protocols false$/);
  });

  it('of fetch apps may add to the context, and gives away what is not its own', async () => {
    const filter: FetchObject = {
      fetch: (request, context) => {
        const own = Object.create(context) as typeof context;
        return fetchApp(request, own, own as never);
      },
    };
    await using server = await startTestServer(filter);
    await asserts(server, SWITCHING);
  });

  it('of fetch apps may refuse it', async () => {
    const filter: FetchObject = {
      fetch: (request, context, again) => {
        void fetchApp(request, context, again);
        return new Response(null, { status: 401 });
      },
    };
    await using server = await startTestServer(filter);
    await using client = await FrameClient.open(server.at);
    assert.match(client.head, /^HTTP\/1\.1 401 /);
  });
});

describe('a handshake that cannot be accepted', TIMEOUT, () => {
  const APPS: readonly (readonly [string, App])[] = [
    ['gateway', gateway],
    ['fetch', { fetch: (_request, context) => context.upgrade(ECHO) }],
    ['websocket', ECHO],
    ['converted', toGateway(ECHO)],
  ];
  for (const [name, app] of APPS) {
    for (const [lines, status, field] of [
      [['Sec-WebSocket-Version: 8'], '426 Upgrade Required', 'Sec-WebSocket-Version: 13'],
      [['Sec-WebSocket-Key: short'], '400 Bad Request', 'Content-Type: text/plain; charset=utf-8'],
      [['Origin: https://evil.example'], '403 Forbidden', 'Content-Type: text/plain; charset=utf-8'],
    ] as const) {
      it(`is answered with ${status} and a reason: ${name}, ${lines[0]}`, async () => {
        await using server = await startTestServer(app);
        await using client = await server.client();
        await client.send(handshake('/', lines));
        const answer = await client.response();
        assert.ok(answer !== undefined);
        assert.match(answer.head, new RegExp(`^HTTP/1\\.1 ${status}\r\n`));
        assert.match(answer.head, new RegExp(`^${field}$`, 'mi'));
        assert.match(answer.body, /^[^\n]{20,}\n$/);
        assert.deepEqual(errorsOf(server), []);
        // The connection is none the worse for it.
        await client.send(handshake());
        assert.match((await client.response())?.head ?? '', SWITCHING);
      });
    }
  }

  for (const [name, app] of APPS.slice(1)) {
    it(`is what an ordinary request is: 426, ${name}`, async () => {
      await using server = await startTestServer(app);
      await using client = await server.client();
      await client.send(get('/'));
      const answer = await client.response();
      assert.equal(answer?.status, 426);
      assert.match(answer.head, /^Connection: upgrade$/im);
      assert.match(answer.head, /^Upgrade: websocket$/im);
    });
  }

  it('leaves an ordinary request to a gateway app, which has no upgrade to offer then', async () => {
    await using server = await startTestServer(gateway);
    await using client = await server.client();
    await client.send(get('/', 'Upgrade: h2c', 'Connection: Upgrade'));
    assert.equal((await client.response())?.body, 'no WebSocket');
  });

  it('without a Host is refused by the server already', async () => {
    await using server = await startTestServer(gateway);
    await using client = await FrameClient.open(server.at, '/', ['Host:']);
    assert.match(client.head, /^HTTP\/1\.1 400 /);
  });

  for (const [name, options] of [
    ['gateway', { gateway: true }],
    ['fetch', { gateway: false }],
  ] as const) {
    it(`by an option of the app is the app's error: ${name}`, async () => {
      const bad = { pingMs: -1 };
      const app: App = options.gateway
        ? (((environ, startResponse) => environ['appserve.websocket']!(startResponse, ECHO, bad)) satisfies GatewayApp)
        : { fetch: (_request, context) => context.upgrade(ECHO, bad) };
      await using server = await startTestServer(app);
      await using client = await FrameClient.open(server.at);
      assert.match(client.head, /^HTTP\/1\.1 500 /);
      assert.match(errorsOf(server)[0]!, /the WebSocket option pingMs must be a whole number/);
    });

    for (const hooks of [undefined, null, { message: 'x' }, { onmessage: () => undefined }]) {
      it(`by hooks that are none is the app's error, and the worker lives: ${name}, ${JSON.stringify(hooks)}`, async () => {
        const app: App = options.gateway
          ? (((environ, startResponse) => environ['appserve.websocket']!(startResponse, hooks as never)) satisfies GatewayApp)
          : { fetch: (_request, context) => context.upgrade(hooks as never) };
        await using server = await startTestServer(app);
        for (let again = 0; again < 2; again += 1) {
          await using client = await FrameClient.open(server.at);
          assert.match(client.head, /^HTTP\/1\.1 500 /);
        }
        assert.match(errorsOf(server)[0]!, /the hooks of a WebSocket/);
      });
    }
  }
});
