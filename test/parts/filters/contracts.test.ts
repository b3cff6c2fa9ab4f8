// Every filter over an app of every contract: what the app says comes through, and so does a WebSocket.

import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { describe, it } from 'node:test';
import { CATALOGUE, type Part } from '@appserve/parts/catalogue';
import { handshake } from '../../support/frame-client.ts';
import { filtered } from '../../support/filtered.ts';

const TIMEOUT = { timeout: 240_000 };

const PIECES = `
async function* pieces() {
  for (const piece of ['one ', 'two ', 'three']) {
    await new Promise((resolve) => setImmediate(resolve));
    yield Buffer.from(piece);
  }
}
`;

/** Echoes a POST; streams at /stream; says its method and path elsewhere. */
const APPS: Readonly<Record<string, string>> = {
  gateway: `${PIECES}
    export const make = () => async (environ, startResponse) => {
      const body = await environ['wsgi.input'].read();
      startResponse('200 OK', [['Content-Type', 'text/plain'], ['X-Own', 'yes'], ['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2']]);
      if (environ.PATH_INFO === '/stream') return pieces();
      return [Buffer.from(environ.REQUEST_METHOD + ' ' + environ.PATH_INFO + ' '), body];
    };`,
  fetch: `${PIECES}
    export const make = () => ({
      async fetch(request) {
        const { pathname } = new URL(request.url);
        const headers = new Headers([['Content-Type', 'text/plain'], ['X-Own', 'yes'], ['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2']]);
        if (pathname === '/stream') return new Response(ReadableStream.from(pieces()), { headers });
        return new Response(request.method + ' ' + pathname + ' ' + (await request.text()), { headers });
      },
    });`,
  node: `${PIECES}
    export const make = () => async (req, res) => {
      let body = '';
      for await (const piece of req) body += piece;
      res.writeHead(200, { 'Content-Type': 'text/plain', 'X-Own': 'yes', 'Set-Cookie': ['a=1', 'b=2'] });
      if (req.url === '/stream') {
        for await (const piece of pieces()) res.write(piece);
        res.end();
      } else res.end(req.method + ' ' + req.url + ' ' + body);
    };`,
  websocket: `export const make = () => ({ origins: 'any', message: (socket, message) => socket.send(message) });`,
};

/** What a filter needs to let an ordinary request through. */
const NEEDS: Readonly<
  Record<string, { readonly lines?: readonly string[]; readonly asks?: readonly string[]; readonly files?: object }>
> = {
  auth_basic: {
    lines: ['users_file = users'],
    files: { users: 'ada:$2b$04$5y04DyFy3xyLWm8Dz6m79.F5AfUYndr.v4tlw5ZXZDRmL7dMeuSaO\n' },
    asks: [`Authorization: Basic ${Buffer.from('ada:lovelace').toString('base64')}`],
  },
  cors: { lines: ['origins = https://www.example.com'], asks: ['Origin: https://www.example.com'] },
  csp: { lines: ["policy = script-src 'self' {nonce}"] },
  gzip: { lines: ['min_size = 0', 'codings = gzip'], asks: ['Accept-Encoding: gzip'] },
  profile: { lines: ['folder = profiles'] },
  rate_limit: { lines: ['requests = 100'] },
  session_cookie: { lines: ['secrets = an-example-of-a-secret-that-is-no-secret'] },
  error_document: { lines: ['404 = /lost'] },
};

/** They are for gateway apps only. */
const GATEWAY_ONLY = new Set(['lint']);

const filters = Object.entries(CATALOGUE as Readonly<Record<string, Part>>).filter(([, { group }]) => group.startsWith('filter'));

for (const [name] of filters) {
  const { lines = [], asks = [], files = {} } = NEEDS[name] ?? {};
  describe(`the filter ${name}`, TIMEOUT, () => {
    for (const [contract, app] of Object.entries(APPS)) {
      if (GATEWAY_ONLY.has(name) && contract !== 'gateway') continue;
      const site = (): ReturnType<typeof filtered> => filtered(name, lines, app, { files: files as never });
      if (contract === 'websocket') {
        it('lets a WebSocket through', async () => {
          await using served = await site();
          await using client = await served.server.client();
          await client.send(handshake('/', asks));
          assert.match(await client.until((received) => received.includes('\r\n\r\n')), /^HTTP\/1\.1 101 /);
        });
        continue;
      }
      it(`lets a ${contract} app be`, async () => {
        await using served = await site();
        const got = await served.ask('/a', asks);
        const posted = await served.ask('/b', asks, { method: 'POST', body: 'said' });
        const streamed = await served.ask('/stream', asks);
        const heard = [got, posted, streamed].map(({ status, body, fields }) => {
          const isCoded = fields.get('content-encoding') !== undefined;
          return [
            status,
            fields.get('x-own'),
            fields.get('set-cookie')?.slice(0, 2),
            isCoded ? gunzipSync(Buffer.from(body, 'latin1')).toString() : body,
          ];
        });
        const own = [['yes'], ['a=1', 'b=2']];
        assert.deepEqual(heard, [
          [200, ...own, 'GET /a '],
          [200, ...own, 'POST /b said'],
          [200, ...own, 'one two three'],
        ]);
        const head = await served.ask('/a', asks, { method: 'HEAD' });
        assert.deepEqual([head.status, head.body], [200, '']);
      });
    }
  });
}
