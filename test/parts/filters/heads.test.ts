// Filters that add to the head of an answer: CORS, policies for browsers, ids.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { handshake } from '../../support/frame-client.ts';
import { faultOf } from '../../support/faults.ts';
import { filtered } from '../../support/filtered.ts';
import { siteOf } from '../../support/parts.ts';
import type { Heard } from '../../support/answers-of.ts';

const TIMEOUT = { timeout: 240_000 };

const APP = `export const make = () => (environ, startResponse) => {
  const own = environ.QUERY_STRING === '' ? [] : JSON.parse(decodeURIComponent(environ.QUERY_STRING));
  startResponse('200 OK', [['Content-Type', 'text/plain'], ...own]);
  return [Buffer.from(String(environ['appserve.csp_nonce'] ?? environ['appserve.request_id'] ?? environ.REQUEST_METHOD))];
};`;

const saying = (...fields: readonly (readonly string[])[]): string => `/?${encodeURIComponent(JSON.stringify(fields))}`;

function fieldsOf({ fields }: Heard, ...names: readonly string[]): (readonly string[] | undefined)[] {
  return names.map((name) => fields.get(name));
}

describe('cors', TIMEOUT, () => {
  const ORIGIN = 'https://www.example.com';
  const lines = [`origins = ${ORIGIN} https://b.example`, 'credentials = true', 'expose = X-Total', 'max_age = 1h'];
  const ASKS = [`Origin: ${ORIGIN}`, 'Access-Control-Request-Method: PUT', 'Access-Control-Request-Headers: x-own'];

  it('lets a page of an origin that is named read the answer', async () => {
    await using site = await filtered('cors', lines, APP);
    const heard = await site.ask(saying(['Vary', 'Accept'], ['Access-Control-Allow-Origin', '*']), [`Origin: ${ORIGIN}`]);
    assert.deepEqual(
      fieldsOf(heard, 'access-control-allow-origin', 'access-control-allow-credentials', 'access-control-expose-headers', 'vary'),
      [[ORIGIN], ['true'], ['X-Total'], ['Accept', 'Origin']],
    );
  });

  for (const origin of [
    'https://evil.example',
    `${ORIGIN}.evil.example`,
    `${ORIGIN}:443`,
    'http://www.example.com',
    'null',
    '',
  ]) {
    it(`says nothing to ${origin || 'an empty origin'}, but that it depends`, async () => {
      await using site = await filtered('cors', lines, APP);
      const heard = await site.ask('/', [`Origin: ${origin}`]);
      assert.equal(heard.body, 'GET');
      assert.deepEqual(fieldsOf(heard, 'access-control-allow-origin', 'vary'), [undefined, ['Origin']]);
    });
  }

  it('answers a preflight itself', async () => {
    await using site = await filtered('cors', lines, APP);
    const heard = await site.ask('/', ASKS, { method: 'OPTIONS' });
    assert.deepEqual([heard.status, heard.body], [204, '']);
    assert.deepEqual(
      fieldsOf(
        heard,
        'access-control-allow-origin',
        'access-control-allow-methods',
        'access-control-allow-headers',
        'access-control-max-age',
        'vary',
      ),
      [[ORIGIN], ['GET, HEAD, POST, PUT, PATCH, DELETE'], ['x-own'], ['3600'], ['Access-Control-Request-Headers', 'Origin']],
    );
    const refused = await site.ask('/', [...ASKS.slice(1), 'Origin: https://evil.example'], { method: 'OPTIONS' });
    assert.deepEqual([refused.status, ...fieldsOf(refused, 'access-control-allow-methods')], [204, undefined]);
  });

  it('leaves an OPTIONS that is no preflight to the app', async () => {
    await using site = await filtered('cors', lines, APP);
    assert.equal((await site.ask('/', [`Origin: ${ORIGIN}`], { method: 'OPTIONS' })).body, 'OPTIONS');
  });

  it('is for all by *', async () => {
    await using site = await filtered('cors', ['origins = *', 'headers = X-Own'], APP);
    // Without Origin too: a cache has one answer for all.
    for (const asked of [['Origin: https://any.example'], []])
      assert.deepEqual(fieldsOf(await site.ask('/', asked), 'access-control-allow-origin', 'vary'), [['*'], undefined]);
  });

  it('refuses * with credentials, and what is no origin', async () => {
    const conflict = await faultOf(filtered('cors', ['origins = *', 'credentials = yes'], APP));
    assert.match(conflict.message, /origins and credentials: with credentials every origin must be named/);
    for (const wrong of ['https://www.example.com/', 'www.example.com', 'https://*.example.com', 'https://a.example/path']) {
      const fault = await faultOf(filtered('cors', [`origins = ${wrong}`], APP));
      assert.deepEqual([fault.code, fault.at?.line], ['OPTION_INVALID', 6], wrong);
    }
  });
});

describe('security_headers', TIMEOUT, () => {
  it('adds those that the app has not set', async () => {
    await using site = await filtered('security_headers', ['permissions_policy = camera=()', 'referrer_policy = None'], APP);
    const heard = await site.ask(saying(['X-Frame-Options', 'DENY']));
    const names = [
      'x-content-type-options',
      'x-frame-options',
      'referrer-policy',
      'permissions-policy',
      'strict-transport-security',
    ];
    assert.deepEqual(fieldsOf(heard, ...names), [['nosniff'], ['DENY'], undefined, ['camera=()'], undefined]);
  });

  it('tells browsers to come by https again where they have', async () => {
    const ini = [
      '[pipeline:main]',
      'pipeline = proxied careful app',
      '[filter:proxied]',
      'use = @appserve/parts#proxy_headers',
      '[filter:careful]',
      'use = @appserve/parts#security_headers',
      '[app:app]',
      'use = @appserve/parts#test',
      '',
    ];
    await using site = await siteOf(ini);
    const heard = await site.ask('/', ['X-Forwarded-Proto: https']);
    assert.deepEqual(fieldsOf(heard, 'strict-transport-security'), [['max-age=31536000']]);
  });

  it('refuses what would be two headers', async () => {
    const fault = await faultOf(filtered('security_headers', ['x_frame_options = DENY', '  Set-Cookie: a=b'], APP));
    assert.equal(fault.code, 'OPTION_INVALID');
  });
});

describe('csp', TIMEOUT, () => {
  it('sends its directives in a line, with a nonce for each request', async () => {
    await using site = await filtered('csp', ['policy =', "  default-src 'self'", "  script-src {nonce} 'strict-dynamic';"], APP);
    const [one, other] = [await site.ask('/'), await site.ask('/')];
    assert.match(one.body, /^[A-Za-z0-9+/]{22}==$/);
    assert.notEqual(one.body, other.body);
    assert.deepEqual(fieldsOf(one, 'content-security-policy'), [
      [`default-src 'self'; script-src 'nonce-${one.body}' 'strict-dynamic'`],
    ]);
  });

  it('says nothing new to whoever keeps a page with its nonce', async () => {
    const app = `export const make = () => (environ, startResponse) => (startResponse('304 Not Modified', [['ETag', '"a"']]), []);`;
    for (const [policy, wanted] of [
      ['script-src {nonce}', undefined],
      ["script-src 'self'", ["script-src 'self'"]],
    ] as const) {
      await using site = await filtered('csp', [`policy = ${policy}`], app);
      assert.deepEqual(fieldsOf(await site.ask('/'), 'content-security-policy'), [wanted]);
    }
  });

  it('leaves the app its own, and may only report', async () => {
    await using site = await filtered('csp', ['report_only = true'], APP);
    const heard = await site.ask(saying(['Content-Security-Policy-Report-Only', "default-src 'none'"]));
    assert.deepEqual(fieldsOf(heard, 'content-security-policy-report-only', 'content-security-policy'), [
      ["default-src 'none'"],
      undefined,
    ]);
  });
});

const asked = async (lines: readonly string[], ...options: readonly string[]): Promise<string> => {
  await using site = await filtered('request_id', options, APP);
  const heard = await site.ask('/', lines);
  assert.deepEqual(heard.fields.get('x-request-id'), [heard.body], 'the app and the client have the same');
  return heard.body;
};

describe('request_id', TIMEOUT, () => {
  const ID = /^[0-9a-f-]{36}$/;

  it('makes one, or keeps one that is sane', async () => {
    assert.match(await asked([]), ID);
    assert.equal(await asked(['X-Request-Id: a.b/c=1']), 'a.b/c=1');
  });

  for (const id of ['a b', 'a"b', 'a,b', 'a'.repeat(129), 'caf\xe9', '']) {
    it(`makes one in the place of ${JSON.stringify(id.slice(0, 9))}`, async () =>
      assert.match(await asked([`X-Request-Id: ${id}`]), ID));
  }

  it('believes no client where it is told so', async () => assert.match(await asked(['X-Request-Id: a'], 'accept = false'), ID));
});

describe('a 101', TIMEOUT, () => {
  const APPS = {
    gateway: `export const make = () => (environ, startResponse) =>
      environ['appserve.websocket'](startResponse, { message: (socket, text) => socket.send(text) }, { origins: 'any', headers: [['X-Own', 'yes']] });`,
    fetch: `export const make = () => (request, context) =>
      context.upgrade({ message: (socket, text) => socket.send(text) }, { origins: 'any', headers: [['X-Own', 'yes']] });`,
    websocket: `export const make = () =>
      ({ origins: 'any', headers: [['X-Own', 'yes']], message: (socket, text) => socket.send(text) });`,
  };
  for (const [contract, app] of Object.entries(APPS)) {
    it(`of a ${contract} app has what filters add`, async () => {
      await using site = await filtered('request_id', [], app);
      await using client = await site.server.client();
      await client.send(handshake('/', ['X-Request-Id: abc']));
      const head = await client.until((received) => received.includes('\r\n\r\n'));
      assert.match(head, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
      assert.match(head, /\r\nX-Own: yes\r\n/i);
      assert.match(head, /\r\nX-Request-Id: abc\r\n/);
      assert.equal(head.match(/^sec-websocket-accept:/gim)?.length, 1);
      // It is open: a text, masked with zeros, comes back.
      await client.send('\x81\x82\0\0\0\0ho');
      assert.match(await client.until((received) => received.includes('ho')), /\x81\x02ho$/);
    });
  }
});

describe('config', TIMEOUT, () => {
  it('shows each request a copy of the configuration', async () => {
    const app = `export const make = () => (environ, startResponse) => {
      const { here, __file__, ...config } = environ['paste.config'];
      environ['paste.config'].spoilt = 'yes';
      startResponse('200 OK', [['Content-Type', 'text/plain']]);
      return [Buffer.from(JSON.stringify(config))];
    };`;
    await using site = await filtered('config', ['support = help@example.com'], app);
    for (let time = 0; time < 2; time += 1) assert.equal((await site.ask('/')).body, '{"support":"help@example.com"}');
  });

  it('is seen by apps of other contracts', async () => {
    const apps = [
      `export const make = () => ({ fetch: (request, { environ }) => new Response(environ['paste.config'].support) });`,
      `import { environOf } from ${JSON.stringify(import.meta.resolve('@appserve/core/app'))};
       export const make = () => (req, res) => res.end(environOf(req)['paste.config'].support);`,
    ];
    for (const app of apps) {
      await using site = await filtered('config', ['support = help@example.com'], app);
      assert.equal((await site.ask('/')).body, 'help@example.com');
    }
  });
});
