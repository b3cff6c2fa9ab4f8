// docs/reference/gateway.md, rule by rule, on the wire: how an app is called, and what it learns of its request.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Environ, GatewayApp } from '@appserve/core/app';
import { eventually } from '../../support/eventually.ts';
import { bytes, environOf, get, giving, serving } from '../../support/gateway-app.ts';

const TIMEOUT = { timeout: 120_000 };

/** The keys without a dot. */
function variablesOf(environ: Environ): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(environ).filter(([key]) => !key.includes('.')));
}

describe('the call', TIMEOUT, () => {
  it('G1: is one for each request, with environ and startResponse', async () => {
    const calls: unknown[][] = [];
    const app = ((...args: unknown[]) => {
      calls.push(args);
      return giving(() => [bytes('hello')])(...(args as Parameters<GatewayApp>));
    }) as GatewayApp;
    await serving(
      app,
      async (client) => {
        await client.send(get('/one') + get('/two'));
        await client.response();
        await client.response();
      },
      { interface: 'gateway' },
    );
    assert.deepEqual(
      calls.map(([environ, startResponse, ...others]) => [(environ as Environ).PATH_INFO, typeof startResponse, others]),
      [
        ['/one', 'function', []],
        ['/two', 'function', []],
      ],
    );
  });
});

describe('the environ', TIMEOUT, () => {
  it('G3: is of one request, may be changed, and inherits nothing', async () => {
    const environs: Environ[] = [];
    const app = giving((environ) => {
      environs.push(environ);
      environ['myapp.user'] = 'me';
      Reflect.deleteProperty(environ, 'QUERY_STRING');
      return [];
    });
    await serving(app, async (client) => {
      await client.send(get('/one') + get('/two'));
      await client.response();
      await client.response();
    });
    const [one, two] = environs as [Environ, Environ];
    assert.notEqual(one, two);
    assert.deepEqual([one['myapp.user'], 'QUERY_STRING' in one], ['me', false]);
    assert.deepEqual([two.PATH_INFO, 'constructor' in two, 'toString' in two, '__proto__' in two], ['/two', false, false, false]);
  });

  for (const listen of ['unix', 'tcp', 'tls'] as const) {
    it(`G4: has what every request has, over ${listen}`, async () => {
      const environ = await environOf(get('/a?b'), { listen });
      for (const key of ['REQUEST_METHOD', 'SERVER_NAME', 'SERVER_PORT', 'SERVER_PROTOCOL'] as const)
        assert.notEqual(environ[key], '', key);
      assert.deepEqual([environ.SCRIPT_NAME, environ.PATH_INFO, environ.QUERY_STRING], ['', '/a', 'b']);
    });
  }

  it('G5: has text for variables, each char a byte', async () => {
    const variables = variablesOf(await environOf(get('/%C3%A9', 'X: caf\xe9\r\nCookie: a=\xff\r\n')));
    assert.deepEqual([variables['PATH_INFO'], variables['HTTP_X'], variables['HTTP_COOKIE']], ['/\xc3\xa9', 'caf\xe9', 'a=\xff']);
    for (const [key, value] of Object.entries(variables)) assert.match(String(value), /^[\0-\xff]*$/, key);
    for (const [key, value] of Object.entries(variables)) assert.equal(typeof value, 'string', key);
  });

  it('G6: has the path decoded, the query and RAW_URI as they were sent', async () => {
    const environ = await environOf(get('/a%2Fb%zz%4?c=%2F%C3%A9'));
    assert.deepEqual(
      [environ.PATH_INFO, environ.QUERY_STRING, environ.RAW_URI],
      ['/a/b%zz%4', 'c=%2F%C3%A9', '/a%2Fb%zz%4?c=%2F%C3%A9'],
    );
  });

  for (const [line, path] of [
    ['GET / HTTP/1.1', '/'],
    ['GET /a/ HTTP/1.1', '/a/'],
    ['GET http://a HTTP/1.1', '/'],
    ['GET //a HTTP/1.1', '//a'],
    ['OPTIONS * HTTP/1.1', '*'],
  ] as const) {
    it(`G7: has a path that begins with a slash, or the asterisk: ${line}`, async () => {
      const environ = await environOf(`${line}\r\nHost: a\r\n\r\n`);
      assert.deepEqual([environ.SCRIPT_NAME, environ.PATH_INFO], ['', path]);
    });
  }

  it('G8: gives the bytes of its path, which are the text in UTF-8, also behind a mount and in a copy', async () => {
    const environ = await environOf(get('/caf%C3%A9/%ff'));
    assert.deepEqual([...environ['wsgi.path_bytes']()], [...Buffer.from('/café/'), 0xff]);
    const mounted: Environ = { ...environ, SCRIPT_NAME: '/caf\xc3\xa9', PATH_INFO: '/\xe2\x82\xac' };
    assert.equal(mounted['wsgi.path_bytes']().toString(), '/€');
    environ.PATH_INFO = '/\xc3\xa9';
    assert.equal(environ['wsgi.path_bytes']().toString(), '/é');
  });

  it('G9: has type and length of a body without HTTP_, where they were sent', async () => {
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc';
    const environ = await environOf(post);
    assert.deepEqual([environ.CONTENT_TYPE, environ.CONTENT_LENGTH], ['text/plain', '3']);
    const without = [
      await environOf(get()),
      await environOf('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    ];
    for (const keys of [environ, ...without].map((one) => Object.keys(one)))
      assert.deepEqual(
        keys.filter((key) => /^HTTP_CONTENT_(?:TYPE|LENGTH)$/.test(key)),
        [],
      );
    for (const one of without) assert.deepEqual(['CONTENT_TYPE' in one, 'CONTENT_LENGTH' in one], [false, false]);
  });

  it('G10: has the other fields as HTTP_, lines of one name joined', async () => {
    const environ = await environOf(get('/', 'X-A: 1\r\nCookie: a=1\r\nx-a: 2\r\ncookie: b=2\r\nAccept: */*\r\n'));
    const fields = Object.fromEntries(Object.entries(variablesOf(environ)).filter(([key]) => key.startsWith('HTTP_')));
    assert.deepEqual(fields, { HTTP_HOST: 'a', HTTP_X_A: '1, 2', HTTP_COOKIE: 'a=1; b=2', HTTP_ACCEPT: '*/*' });
  });

  it('G11: has no field with an underscore in its name, and no Proxy', async () => {
    const environ = await environOf(get('/', 'X_Forwarded_For: evil\r\nX-Forwarded-For: good\r\nProxy: http://evil/\r\n'));
    assert.deepEqual([environ['HTTP_X_FORWARDED_FOR'], environ['HTTP_PROXY']], ['good', undefined]);
  });

  it('G12: knows the client over TCP, and of a unix socket how the client calls it', async () => {
    const tcp = await environOf(get(), { listen: 'tcp' });
    assert.equal(tcp.REMOTE_ADDR, '127.0.0.1');
    assert.match(tcp.REMOTE_PORT, /^[1-9][0-9]*$/);
    const unix = await environOf('GET / HTTP/1.1\r\nHost: example.org:81\r\n\r\n');
    assert.deepEqual([unix.REMOTE_ADDR, unix.REMOTE_PORT, unix.SERVER_NAME, unix.SERVER_PORT], ['', '', 'example.org', '81']);
  });

  it('G13: says whether it is secure', async () => {
    const [clear, secure] = [await environOf(), await environOf(get(), { listen: 'tls' })];
    assert.deepEqual([clear['wsgi.url_scheme'], 'HTTPS' in clear], ['http', false]);
    assert.deepEqual([secure['wsgi.url_scheme'], secure.HTTPS], ['https', 'on']);
  });

  it('G14: says which versions are spoken', async () => {
    const [old, now] = [await environOf('GET / HTTP/1.0\r\n\r\n'), await environOf()];
    assert.deepEqual([old.SERVER_PROTOCOL, now.SERVER_PROTOCOL], ['HTTP/1.0', 'HTTP/1.1']);
    assert.deepEqual([now['wsgi.version'], now.GATEWAY_INTERFACE], [[1, 0], 'CGI/1.1']);
  });

  it('G15: says that one thread calls the app', async () => {
    const environ = await environOf();
    const flags = ['wsgi.multithread', 'wsgi.multiprocess', 'wsgi.run_once'].map((key) => environ[key]);
    assert.deepEqual(flags, [false, false, false]);
  });

  it('G16: has a signal that aborts when the client leaves too early', async () => {
    const signals = new Map<string, AbortSignal>();
    const app: GatewayApp = (environ, startResponse) => {
      const signal = environ['wsgi.signal']();
      assert.equal(signal, environ['wsgi.signal'](), 'it is one');
      signals.set(environ.PATH_INFO, signal);
      startResponse('200 OK', []);
      return environ.PATH_INFO === '/answered' ? [] : new Promise(() => undefined);
    };
    await serving(
      app,
      async (client) => {
        await client.send(get('/answered') + get('/left'));
        await client.response();
        await eventually('the second request is there', () => signals.size === 2);
        client.reset();
        await eventually('the app is told', () => signals.get('/left')!.aborted);
        assert.equal((signals.get('/left')!.reason as { code?: string }).code, 'PEER_GONE');
        assert.equal(signals.get('/answered')!.aborted, false);
      },
      { listen: 'tcp' },
    );
  });
});
