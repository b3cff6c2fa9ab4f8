// A client can leave in every state of its connection, in three ways: by a reset, by closing all, or by closing its side only and
// hearing us out. Whatever it does: no connection stays, the app learns what it must, and nobody complains.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toHandler, type GatewayApp } from '@appserve/core/app';
import { get, ok, post } from '../support/apps.ts';
import { Deferred } from '../support/deferred.ts';
import { eventually, turns } from '../support/eventually.ts';
import { startTestHandler, type TestServer } from '../support/http-server.ts';
import type { RawClient } from '../support/raw-client.ts';

const TIMEOUT = { timeout: 120_000 };
const PIECE = Buffer.alloc(256 * 1_024, 'x');
/** More than the kernel keeps for a client of loopback that does not read. */
const TOO_MANY_BYTES = 24 * 1_024 * 1_024;
const SERVER = {
  software: 'appserve/test',
  errors: { write: () => undefined, writelines: () => undefined, flush: () => undefined },
  multiprocess: false,
};

/** What an app does, and what becomes of it. */
class Probe {
  /** How many pieces it streams; the app of somebody who is gone for ever would stream for ever. */
  readonly pieces: number;
  readonly isRunning = new Deferred();
  readonly mayGoOn = new Deferred();
  readonly signals: AbortSignal[] = [];
  readonly saw: (string | undefined)[] = [];
  made = 0;
  opened = 0;
  closed = 0;

  constructor(pieces: number) {
    this.pieces = pieces;
  }

  /** A body that counts its ends. */
  body(steps: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> & { close(): void } {
    this.opened += 1;
    return Object.assign(steps, {
      close: () => {
        this.closed += 1;
      },
    });
  }
}

interface State {
  readonly what: string;
  readonly app: (probe: Probe) => GatewayApp;
  /** Brings a connection there. */
  readonly reach: (client: RawClient, probe: Probe) => Promise<void>;
  /** Whether an app has been called and is not done. */
  readonly isAppActive: boolean;
  /** What a client hears that closes its side only. */
  readonly hears: (heard: string) => boolean;
  /** Whether that, too, is the end for the app: there is no whole request any more. */
  readonly isEndFatal?: boolean;
  readonly maxBodySizeBytes?: number;
}

const answers =
  (probe: Probe): GatewayApp =>
  (_environ, startResponse) => {
    probe.isRunning.resolve();
    return ok(startResponse, 'answer');
  };

/** Works, and lets what was sent wait. */
const works =
  (probe: Probe): GatewayApp =>
  async (_environ, startResponse) => {
    probe.isRunning.resolve();
    await probe.mayGoOn.promise;
    return ok(startResponse, 'answer');
  };

const reads =
  (probe: Probe): GatewayApp =>
  async (environ, startResponse) => {
    const reading = environ['wsgi.input'].read();
    probe.isRunning.resolve();
    await reading.catch((error: { code?: string }) => probe.saw.push(error.code));
    return ok(startResponse, 'answer');
  };

const streams =
  (probe: Probe): GatewayApp =>
  (_environ, startResponse) => {
    startResponse('200 OK', []);
    const steps = async function* (): AsyncGenerator<Uint8Array> {
      for (; probe.made < probe.pieces; probe.made += 1) {
        yield Buffer.from('piece');
        await probe.mayGoOn.promise;
        await turns(1);
      }
    };
    return probe.body(steps());
  };

const floods =
  (probe: Probe): GatewayApp =>
  (_environ, startResponse) => {
    startResponse('200 OK', []);
    const steps = async function* (): AsyncGenerator<Uint8Array> {
      for (; probe.made * PIECE.length < TOO_MANY_BYTES; probe.made += 1) yield PIECE;
    };
    return probe.body(steps());
  };

async function running(client: RawClient, { isRunning }: Probe, request: string): Promise<void> {
  await client.send(request);
  await isRunning.promise;
}

function like(pattern: RegExp): (heard: string) => boolean {
  return (heard) => pattern.test(heard);
}

const BAD_REQUEST = /^HTTP\/1\.1 400 Bad Request\r\n/;
const ANSWER = /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nanswer$/s;
const HALF_A_BODY = 'POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 8\r\n\r\nbody';
const HALF_A_CHUNK = 'POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n10';

const STATES: readonly State[] = [
  {
    what: 'before its first byte',
    app: answers,
    reach: async () => undefined,
    isAppActive: false,
    hears: like(/^$/),
  },
  {
    what: 'in a head',
    app: answers,
    reach: async (client) => client.send('GET / HTTP/1.1\r\nHo'),
    isAppActive: false,
    hears: like(BAD_REQUEST),
  },
  {
    what: 'between two requests',
    app: answers,
    reach: async (client) => {
      await client.send(get('/'));
      await client.response();
    },
    isAppActive: false,
    hears: like(/^$/),
  },
  {
    what: 'in the head of a later request',
    app: answers,
    reach: async (client) => {
      await client.send(`${get('/')}GE`);
      await client.response();
    },
    isAppActive: false,
    hears: like(BAD_REQUEST),
  },
  {
    what: 'in a body that the app waits for',
    app: reads,
    reach: (client, probe) => running(client, probe, HALF_A_BODY),
    isAppActive: true,
    hears: like(BAD_REQUEST),
    isEndFatal: true,
  },
  {
    what: 'in a chunk that the app waits for',
    app: reads,
    reach: (client, probe) => running(client, probe, HALF_A_CHUNK),
    isAppActive: true,
    hears: like(BAD_REQUEST),
    isEndFatal: true,
  },
  {
    what: 'after 100 Continue',
    app: reads,
    reach: async (client, probe) => {
      await running(client, probe, `${get('/').slice(0, -2)}Content-Length: 4\r\nExpect: 100-continue\r\n\r\n`);
      assert.equal((await client.response())?.status, 100);
    },
    isAppActive: true,
    hears: like(BAD_REQUEST),
    isEndFatal: true,
  },
  {
    what: 'in a body that the app lets wait',
    app: works,
    reach: (client, probe) => running(client, probe, HALF_A_BODY),
    isAppActive: true,
    hears: like(BAD_REQUEST),
    isEndFatal: true,
  },
  {
    what: 'behind a body that the app does not read',
    app: works,
    reach: (client, probe) => running(client, probe, post('/', 'body')),
    isAppActive: true,
    hears: like(ANSWER),
  },
  {
    what: 'while the app works',
    app: works,
    reach: (client, probe) => running(client, probe, get('/')),
    isAppActive: true,
    hears: like(ANSWER),
  },
  {
    what: 'while the app works, with a part of the next request here',
    app: works,
    reach: (client, probe) => running(client, probe, `${get('/')}GET /ne`),
    isAppActive: true,
    hears: like(/^HTTP\/1\.1 200 OK\r\n.*answerHTTP\/1\.1 400 Bad Request\r\n/s),
  },
  {
    what: 'while its answer is streamed',
    app: streams,
    reach: async (client) => {
      await client.send(get('/'));
      await client.until((text) => text.endsWith('piece'));
    },
    isAppActive: true,
    hears: like(/\r\n\r\npiecepiecepiece$/),
  },
  {
    what: 'while it does not take its answer',
    app: floods,
    reach: async (client, probe) => {
      client.pause();
      await client.send(get('/'));
      let made = 0;
      let looks = 0;
      await eventually('it is stuck', () => {
        looks = probe.made === made ? looks + 1 : 0;
        made = probe.made;
        return made > 0 && looks === 10;
      });
      assert.ok(made * PIECE.length < TOO_MANY_BYTES, 'the kernel took all of it');
    },
    isAppActive: true,
    hears: (heard) => heard.startsWith('HTTP/1.1 200 OK\r\n') && heard.length > TOO_MANY_BYTES,
  },
  {
    what: 'while its refused upload is read past',
    app: answers,
    maxBodySizeBytes: 10,
    reach: async (client) => {
      await client.send('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\nsome of it');
      assert.equal((await client.response())?.status, 413);
    },
    isAppActive: false,
    hears: like(/^$/),
  },
  {
    what: 'while its unwanted upload is read past',
    app: answers,
    reach: async (client) => {
      await client.send(`POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(100_000)}`);
      assert.equal((await client.response())?.status, 200);
    },
    isAppActive: false,
    hears: like(/^$/),
  },
];

interface Scene extends AsyncDisposable {
  readonly server: TestServer;
  readonly probe: Probe;
  readonly client: RawClient;
}

async function sceneOf(state: State, listen: 'tcp' | 'tls', pieces: number): Promise<Scene> {
  const probe = new Probe(pieces);
  const handler = toHandler(state.app(probe), SERVER, 'gateway');
  const { maxBodySizeBytes = TOO_MANY_BYTES } = state;
  const server = await startTestHandler(
    (exchange) => {
      probe.signals.push(exchange.signal);
      return handler(exchange);
    },
    { listen, maxBodySizeBytes },
  );
  const client = await server.client();
  await eventually('it is accepted', () => server.server.connections === 1);
  await state.reach(client, probe);
  // What is on its way arrives.
  await turns(5);
  return {
    server,
    probe,
    client,
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** What must be true in the end, however a client has left. */
async function nothingStays({ server, probe }: Scene): Promise<void> {
  await eventually('no connection is left', () => server.server.connections === 0);
  await eventually('its body is closed', () => probe.closed === probe.opened);
  await turns(5);
  assert.equal(probe.closed, probe.opened);
  assert.deepEqual(
    server.log.filter(({ level }) => level !== 'debug'),
    [],
  );
}

for (const listen of ['tcp', 'tls'] as const) {
  describe(`a client over ${listen} that leaves`, TIMEOUT, () => {
    for (const state of STATES) {
      it(`by a reset, ${state.what}`, async () => {
        await using scene = await sceneOf(state, listen, Number.POSITIVE_INFINITY);
        const { client, probe, server } = scene;
        client.reset();
        await eventually('it is gone', () => server.server.connections === 0);
        const aborted = probe.signals.map((signal) => signal.aborted);
        assert.deepEqual(aborted, state.isAppActive ? [true] : aborted.map(() => false));
        probe.mayGoOn.resolve();
        await nothingStays(scene);
      });

      it(`for good, ${state.what}`, async () => {
        await using scene = await sceneOf(state, listen, Number.POSITIVE_INFINITY);
        const { client, probe } = scene;
        await client[Symbol.asyncDispose]();
        probe.mayGoOn.resolve();
        await nothingStays(scene);
      });

      it(`with its own side only, ${state.what}, hears us out`, async () => {
        await using scene = await sceneOf(state, listen, 3);
        const { client, probe } = scene;
        client.endSending();
        await turns(20);
        const aborted = probe.signals.map((signal) => signal.aborted);
        probe.mayGoOn.resolve();
        client.resume();
        const heard = await client.untilEnd();
        assert.ok(state.hears(heard), `it heard ${heard.length} bytes: ${heard.slice(0, 200)}`);
        assert.deepEqual(
          aborted,
          aborted.map(() => state.isEndFatal === true),
        );
        await nothingStays(scene);
      });
    }
  });
}

describe('a client over TCP that leaves', TIMEOUT, () => {
  it('behind more of a body than is kept is gone when somebody reads on', async () => {
    const probe = new Probe(0);
    const app: GatewayApp = async (environ, startResponse) => {
      probe.isRunning.resolve();
      await probe.mayGoOn.promise;
      await environ['wsgi.input'].read().catch((error: { code?: string }) => probe.saw.push(error.code));
      return ok(startResponse, 'nobody reads this');
    };
    const handler = toHandler(app, SERVER);
    await using server = await startTestHandler(
      (exchange) => {
        probe.signals.push(exchange.signal);
        return handler(exchange);
      },
      { listen: 'tcp' },
    );
    await using client = await server.client();
    const sent = client.send(`POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(200_000)}`);
    await probe.isRunning.promise;
    await sent;
    client.reset();
    await turns(50);
    // A socket that nobody reads tells nothing: Node takes it out of epoll, where the reset would show.
    assert.deepEqual([server.server.connections, probe.signals[0]?.aborted], [1, false]);
    probe.mayGoOn.resolve();
    await eventually('no connection is left', () => server.server.connections === 0);
    assert.equal(probe.signals[0]?.aborted, true);
    // libuv takes a reset behind the last bytes for the end of them.
    assert.match(String(probe.saw), /^(PEER_GONE|BODY_INCOMPLETE)$/);
  });

  it('with its own side only, while it waits in the queue, is answered in its turn', async () => {
    const probe = new Probe(0);
    await using server = await startTestHandler(toHandler(works(probe), SERVER), {
      listen: 'tcp',
      concurrency: 1,
      qmonWarnThreshold: 1,
    });
    await using busy = await server.client();
    await running(busy, probe, get('/'));
    await using client = await server.client();
    await client.send(get('/'));
    client.endSending();
    await eventually('it waits', () => server.log.some(({ message }) => message === '1 requests in queue'));
    await turns(20);
    probe.mayGoOn.resolve();
    assert.match(await client.untilEnd(), ANSWER);
  });
});
