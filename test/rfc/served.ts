// served.ts: the rules that want a whole server: its clock, its sockets, and what an app sees of a request.

import assert from 'node:assert/strict';
import type { Environ, GatewayApp } from '@appserve/core/app';
import { get, ok, pathApp, post } from '../support/apps.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../support/http-server.ts';
import { TlsClient } from '../support/tls-client.ts';
import type { RawClient } from '../support/raw-client.ts';
import type { Check, Checks } from './checks.ts';

/** A check with a server of its own, and a client. */
function served(
  app: GatewayApp,
  options: TestServerOptions,
  act: (client: RawClient, server: TestServer) => Promise<void>,
): Check {
  return async () => {
    await using server = await startTestServer(app, options);
    await using client = await server.client();
    await act(client, server);
  };
}

/** Answers with what the environ has under the names that the path lists. */
const environApp: GatewayApp = (environ, startResponse) =>
  ok(
    startResponse,
    JSON.stringify(
      environ.PATH_INFO.slice(1)
        .split(',')
        .map((name) => environ[name] ?? null),
    ),
  );

async function seen(client: RawClient, names: readonly (keyof Environ)[], request: string): Promise<unknown> {
  await client.send(request.replace('/ ', () => `/${names.join(',')} `));
  return JSON.parse((await client.response())?.body ?? '');
}

/** Answers with the status that its path names. */
const statusApp: GatewayApp = (environ, startResponse) => {
  startResponse(`${environ.PATH_INFO.slice(1)} Reason`, []);
  return [];
};

const IMF_FIXDATE =
  /\r\nDate: (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} [0-2][0-9]:[0-5][0-9]:[0-6][0-9] GMT(?:\r\n|$)/;

function dateOf(text: string): number {
  return Date.parse(/\r\nDate: ([^\r]*)/.exec(text)?.[1] ?? '');
}

export const SERVED: Checks = {
  M05: {
    'garbage gets 400 and the end of its connection': served(pathApp, { listen: 'tcp' }, async (client) => {
      await client.send('\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03');
      client.endSending();
      assert.match(await client.untilEnd(), /^HTTP\/1\.1 400 Bad Request\r\n[^]*\r\nConnection: close\r\n/);
      assert.equal(client.error, undefined);
    }),
  },
  M53: {
    'an idle connection ends without a reset': served(pathApp, { listen: 'tcp', keepaliveTimeoutMs: 50 }, async (client) => {
      await client.send(get('/'));
      await client.response();
      assert.equal(await client.untilEnd(), '');
      assert.equal(client.error, undefined);
    }),
    'a client that is late can read that it is': served(pathApp, { listen: 'tcp', headTimeoutMs: 50 }, async (client) => {
      await client.send('GET / HTTP/1.1\r\n');
      assert.equal((await client.response())?.status, 408);
      assert.equal(await client.untilEnd(), '');
      assert.equal(client.error, undefined);
    }),
  },
  M57: {
    'who is refused in the middle of an upload can read why': served(
      pathApp,
      { listen: 'tcp', maxBodySizeBytes: 1_000 },
      async (client) => {
        const upload = client.send(post('/', 'x'.repeat(5_000_000)));
        assert.equal((await client.response())?.status, 413);
        await upload;
        client.endSending();
        assert.equal(await client.untilEnd(), '');
        assert.equal(client.error, undefined);
      },
    ),
  },
  M58: {
    'a TLS connection ends with close_notify': served(pathApp, {}, async (_client, server) => {
      await using client = await TlsClient.connect(server);
      await client.send(get('/').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
      assert.match(await client.untilEnd(), /^HTTP\/1\.1 200 OK\r\n/);
      assert.equal(client.lastRecord, 'alert');
    }),
  },
  M59: {
    'a TLS client that leaves without close_notify hurts nobody': served(pathApp, {}, async (client, server) => {
      await using leaving = await TlsClient.connect(server);
      await leaving.send(get('/'));
      await leaving.until((text) => text.endsWith('/'));
      await leaving.vanish(server);
      await client.send(get('/there'));
      assert.equal((await client.response())?.body, '/there');
      assert.deepEqual(
        server.log.filter(({ level }) => level !== 'debug'),
        [],
      );
    }),
  },
  S16: {
    'Date is an IMF-fixdate': served(pathApp, {}, async (client) => {
      await client.send(get('/'));
      assert.match((await client.response())!.head, IMF_FIXDATE);
    }),
  },
  S20: {
    'answers of any status have a Date': served(statusApp, {}, async (client) => {
      for (const status of [200, 204, 205, 304, 404, 500]) {
        await client.send(get(`/${status}`));
        assert.match((await client.response())!.head, IMF_FIXDATE, String(status));
      }
    }),
    'and so have our own': served(pathApp, {}, async (client) => {
      await client.send('nonsense\r\n\r\n');
      assert.match((await client.response())!.head, IMF_FIXDATE);
    }),
  },
  S21: {
    'Date is now': served(pathApp, {}, async (client) => {
      const beforeMs = Math.floor(Date.now() / 1_000) * 1_000;
      await client.send(get('/'));
      const date = dateOf((await client.response())!.head);
      assert.ok(date >= beforeMs - 1_000 && date <= Date.now() + 1_000, `${date} is not about ${beforeMs}`);
    }),
  },
  S59: {
    'Server says no more than a name': served(pathApp, { serverHeader: true }, async (client) => {
      await client.send(get('/'));
      assert.match((await client.response())!.head, /\r\nServer: appserve(?:\r\n|$)/);
    }),
  },
  S84: {
    '408 says close': served(pathApp, { headTimeoutMs: 50 }, async (client) => {
      await client.send('GET / HTTP/1.1\r\n');
      assert.match(await client.untilEnd(), /^HTTP\/1\.1 408 [^]*\r\nConnection: close\r\n\r\n/);
    }),
  },
  S90: {
    'a name with an underscore does not come in the place of one with a dash': served(environApp, {}, async (client) => {
      const request = get('/', 'X_Forwarded_For: evil', 'X-Forwarded-For: good', 'Proxy: http://evil');
      assert.deepEqual(await seen(client, ['HTTP_X_FORWARDED_FOR', 'HTTP_PROXY'], request), ['good', null]);
    }),
    'nor does a length': served(environApp, {}, async (client) => {
      const request = post('/', 'hello', 'Content_Length: 1', 'CONTENT_TYPE: x');
      assert.deepEqual(await seen(client, ['CONTENT_LENGTH', 'CONTENT_TYPE'], request), ['5', null]);
    }),
  },
  G01: {
    'CONTENT_LENGTH is the length of the body, where it is known': served(environApp, {}, async (client) => {
      const chunks = get('/', 'Transfer-Encoding: chunked').replace('GET', 'POST') + '2\r\nhi\r\n0\r\n\r\n';
      const lengths = [];
      for (const request of [post('/', 'hello'), get('/'), chunks])
        lengths.push(await seen(client, ['CONTENT_LENGTH', 'wsgi.input_terminated'], request));
      assert.deepEqual(lengths, [
        ['5', true],
        [null, true],
        [null, true],
      ]);
    }),
  },
};
