// The environ of a gateway app: RFC 3875 §4.1 and PEP 3333, "environ Variables".

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Input, toHandler, utf8Of, type Environ, type GatewayApp } from '@appserve/core/app';
import { startTestServer } from '../../support/http-server.ts';
import { heldBytes } from '../../support/memory.ts';
import { MemoryExchange, run, TCP, type MadeUp } from '../../support/memory-exchange.ts';

const SERVER = {
  software: 'appserve/test',
  errors: { write: () => undefined, writelines: () => undefined, flush: () => undefined },
  multiprocess: true,
};
const MIB = 1_024 * 1_024;
const UNIX = { ...TCP, remoteAddress: '', remotePort: '', localAddress: '/run/a.sock', localPort: '' };

async function environOf(request?: MadeUp): Promise<Environ> {
  let seen: Environ | undefined;
  const app: GatewayApp = (environ, startResponse) => {
    seen = environ;
    startResponse('200 OK', []);
    return [];
  };
  await run(toHandler(app, SERVER), new MemoryExchange(request));
  return seen!;
}

describe('an environ', () => {
  it('has these keys, and no others, for a request without fields', async () => {
    const environ = await environOf({ target: '/a%20b?c=d%20e', flat: [] });
    const { 'wsgi.input': input, 'wsgi.errors': errors, ...rest } = environ;
    const { 'wsgi.file_wrapper': fileWrapper, 'wsgi.early_hints': earlyHints, ...others } = rest;
    const { 'wsgi.path_bytes': pathBytes, 'wsgi.signal': signal, ...further } = others;
    const { 'appserve.trace_context': traceContext, ...values } = further;
    assert.ok(input instanceof Input);
    assert.equal(errors, SERVER.errors);
    for (const value of [fileWrapper, earlyHints, pathBytes, signal, traceContext]) assert.equal(typeof value, 'function');
    assert.deepEqual(
      { ...values },
      {
        REQUEST_METHOD: 'GET',
        SCRIPT_NAME: '',
        PATH_INFO: '/a b',
        QUERY_STRING: 'c=d%20e',
        RAW_URI: '/a%20b?c=d%20e',
        SERVER_NAME: '192.0.2.1',
        SERVER_PORT: '8080',
        SERVER_PROTOCOL: 'HTTP/1.1',
        SERVER_SOFTWARE: 'appserve/test',
        GATEWAY_INTERFACE: 'CGI/1.1',
        REMOTE_ADDR: '192.0.2.7',
        REMOTE_PORT: '50000',
        'wsgi.version': [1, 0],
        'wsgi.url_scheme': 'http',
        'wsgi.multithread': false,
        'wsgi.multiprocess': true,
        'wsgi.run_once': false,
        'wsgi.input_terminated': true,
      },
    );
  });

  it('inherits nothing', async () => {
    const environ = await environOf();
    for (const key of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) assert.equal(key in environ, false, key);
  });

  it('shows nothing that somebody put on every object', async () => {
    const everything: object = Object.getPrototypeOf({});
    Object.defineProperty(everything, 'HTTP_X_POLLUTED', { value: 'yes', configurable: true });
    try {
      assert.equal((await environOf())['HTTP_X_POLLUTED'], undefined);
    } finally {
      Reflect.deleteProperty(everything, 'HTTP_X_POLLUTED');
    }
  });

  it('belongs to its app, which may change it', async () => {
    const environ = await environOf();
    environ['myapp.user'] = 'me';
    environ.SCRIPT_NAME = '/mounted';
    assert.equal('myapp.user' in (await environOf()), false);
    assert.equal((await environOf()).SCRIPT_NAME, '');
  });

  it('has an input of its own, also where there is nothing to read: what an app keeps with it ends with its request', async () => {
    const [one, other] = [await environOf(), await environOf()];
    assert.notEqual(one['wsgi.input'], other['wsgi.input']);
    Object.assign(one['wsgi.input'], { user: 'me' });
    assert.equal('user' in other['wsgi.input'], false);
  });

  it('lets nobody change what is the same for all', async () => {
    assert.ok(Object.isFrozen((await environOf())['wsgi.version']));
  });
});

describe('the path in an environ', () => {
  for (const [target, path, query] of [
    ['/', '/', ''],
    ['/?', '/', ''],
    ['/a?b?c', '/a', 'b?c'],
    ['/a%2Fb', '/a/b', ''],
    ['/caf%C3%A9', '/caf\xc3\xa9', ''],
    ['/%ff%FE', '/\xff\xfe', ''],
    ['/%00', '/\0', ''],
    ['/100%', '/100%', ''],
    ['/%zz%4', '/%zz%4', ''],
    ['/%2541', '/%41', ''],
    ['/a+b', '/a+b', ''],
    ['/a/../b/./c//d', '/a/../b/./c//d', ''],
    ['/?%C3%A9=%ff', '/', '%C3%A9=%ff'],
  ] as const) {
    it(`of ${target} is ${JSON.stringify(path)}, each char a byte, its query ${JSON.stringify(query)}, raw`, async () => {
      const environ = await environOf({ target });
      assert.deepEqual([environ.PATH_INFO, environ.QUERY_STRING, environ.RAW_URI], [path, query, target]);
    });
  }

  it('of an absolute target is its path; the whole is in RAW_URI', async () => {
    const environ = await environOf({ target: 'http://one/a?b', pathAndQuery: '/a?b' });
    assert.deepEqual([environ.PATH_INFO, environ.QUERY_STRING, environ.RAW_URI], ['/a', 'b', 'http://one/a?b']);
  });

  it('of the asterisk is an asterisk', async () => {
    assert.equal((await environOf({ method: 'OPTIONS', target: '*' })).PATH_INFO, '*');
  });

  it('is text again by utf8Of', () => {
    assert.equal(utf8Of('/caf\xc3\xa9'), '/café');
    assert.equal(utf8Of('/\xff'), '/\ufffd');
  });
});

describe('fields in an environ', () => {
  it('are HTTP_ and the name, in upper case, with underscores', async () => {
    const environ = await environOf({ flat: ['Host', 'a:80', 'user-agent', 'me', 'X-A-b', '1'] });
    assert.deepEqual([environ['HTTP_HOST'], environ['HTTP_USER_AGENT'], environ['HTTP_X_A_B']], ['a:80', 'me', '1']);
  });

  it('are CONTENT_TYPE and CONTENT_LENGTH without HTTP_', async () => {
    const environ = await environOf({ flat: ['content-TYPE', 'text/plain', 'Content-Length', '5'] });
    assert.deepEqual([environ.CONTENT_TYPE, environ.CONTENT_LENGTH], ['text/plain', '5']);
    assert.equal('HTTP_CONTENT_TYPE' in environ || 'HTTP_CONTENT_LENGTH' in environ, false);
  });

  it('have no CONTENT_LENGTH for a chunked body', async () => {
    assert.equal('CONTENT_LENGTH' in (await environOf({ flat: ['Transfer-Encoding', 'chunked'] })), false);
  });

  it('that stand more than once are joined by commas, in order', async () => {
    const environ = await environOf({ flat: ['X-A', '1', 'Y', '', 'x-a', '2', 'X-A', '', 'y', '3'] });
    assert.deepEqual([environ['HTTP_X_A'], environ['HTTP_Y']], ['1, 2, ', ', 3']);
  });

  it('that are cookies are joined by semicolons (RFC 9113 §8.2.3)', async () => {
    assert.equal((await environOf({ flat: ['Cookie', 'a=1', 'cookie', 'b=2'] }))['HTTP_COOKIE'], 'a=1; b=2');
  });

  it('with an underscore are dropped: they would pass for those with a dash', async () => {
    const environ = await environOf({ flat: ['X_Forwarded_For', 'evil', 'X-Forwarded-For', 'good', 'Content_Length', '9'] });
    assert.equal(environ['HTTP_X_FORWARDED_FOR'], 'good');
    assert.equal('CONTENT_LENGTH' in environ || 'HTTP_CONTENT_LENGTH' in environ, false);
  });

  for (const name of ['Proxy', 'proxy', 'PROXY']) {
    it(`called ${name} are dropped (CVE-2016-5385)`, async () => {
      assert.equal('HTTP_PROXY' in (await environOf({ flat: [name, 'http://evil/'] })), false);
    });
  }

  it('never take the place of other keys', async () => {
    const flat = ['Request-Method', 'EVIL', 'wsgi.input', 'x', 'Https', 'on', 'SERVER-NAME', 'evil', 'Script-Name', '/evil'];
    const environ = await environOf({ flat });
    assert.deepEqual([environ.REQUEST_METHOD, environ.SCRIPT_NAME, 'HTTPS' in environ], ['GET', '', false]);
    assert.ok(environ['wsgi.input'] instanceof Input);
    assert.equal(environ.SERVER_NAME, '192.0.2.1');
  });

  it('keep bytes above ASCII as chars of latin1', async () => {
    assert.equal((await environOf({ flat: ['X', 'caf\xe9'] }))['HTTP_X'], 'caf\xe9');
  });

  it('leave nothing behind but their names, and not the heads that those were cut out of', async () => {
    const before = heldBytes();
    for (let count = 0; count < 20; count += 1)
      await environOf({ flat: [`${'x'.repeat(MIB)}X-Name-Of-Number-${count}`.slice(MIB), 'x'] });
    const bytes = heldBytes() - before;
    assert.ok(bytes < 5 * MIB, `${bytes} bytes are held`);
  });

  it('are as right with the ten thousandth name as with the first', async () => {
    for (let count = 0; count < 2_000; count += 1) await environOf({ flat: [`X-${count}`, 'x'] });
    const environ = await environOf({ flat: ['X-Unseen-Before', 'x', 'proxy', 'x', 'x_y', 'x', 'cOOKIE', 'a', 'Cookie', 'b'] });
    assert.equal(environ['HTTP_X_UNSEEN_BEFORE'], 'x');
    assert.equal('HTTP_PROXY' in environ || 'HTTP_X_Y' in environ, false);
    assert.equal(environ['HTTP_COOKIE'], 'a; b');
  });
});

describe('the connection in an environ', () => {
  it('says https where it is secure', async () => {
    const environ = await environOf({ connection: { ...TCP, scheme: 'https' } });
    assert.deepEqual([environ['wsgi.url_scheme'], environ.HTTPS], ['https', 'on']);
  });

  it('says no HTTPS where it is not', async () => {
    assert.equal('HTTPS' in (await environOf()), false);
  });

  for (const [host, scheme, name, port] of [
    ['www.example.org', 'http', 'www.example.org', '80'],
    ['www.example.org:81', 'http', 'www.example.org', '81'],
    ['www.example.org:', 'http', 'www.example.org', '80'],
    ['www.example.org', 'https', 'www.example.org', '443'],
    ['[::1]', 'http', '[::1]', '80'],
    ['[::1]:81', 'http', '[::1]', '81'],
    ['', 'http', 'localhost', '80'],
    [undefined, 'http', 'localhost', '80'],
  ] as const) {
    it(`of a unix socket and Host ${host}, ${scheme}, is ${name} at ${port}, since a path has neither name nor port`, async () => {
      const flat = host === undefined ? [] : ['Host', host];
      const environ = await environOf({ flat, connection: { ...UNIX, scheme } });
      assert.deepEqual([environ.SERVER_NAME, environ.SERVER_PORT], [name, port]);
    });
  }

  it('of a unix socket has no remote end', async () => {
    const environ = await environOf({ connection: UNIX });
    assert.deepEqual([environ.REMOTE_ADDR, environ.REMOTE_PORT], ['', '']);
  });
});

async function servedEnviron(listen: 'unix' | 'tcp', text: string): Promise<{ environ: Environ; at: string | number }> {
  let seen: Environ | undefined;
  const app: GatewayApp = (environ, startResponse) => {
    seen = environ;
    startResponse('200 OK', []);
    return [];
  };
  await using server = await startTestServer(app, { listen });
  await using client = await server.client();
  await client.send(text);
  await client.response();
  return { environ: seen!, at: server.at };
}

describe('the environ of a served request', () => {
  it('over TCP knows both ends', async () => {
    const { environ, at } = await servedEnviron('tcp', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.deepEqual([environ.SERVER_NAME, environ.SERVER_PORT, environ.REMOTE_ADDR], ['127.0.0.1', String(at), '127.0.0.1']);
    assert.match(environ.REMOTE_PORT, /^[1-9][0-9]*$/);
  });

  it('over a unix socket is called what the client calls it', async () => {
    const { environ } = await servedEnviron('unix', 'GET http://one:81/a?b HTTP/1.1\r\nHost: two\r\n\r\n');
    assert.deepEqual(
      [environ.SERVER_NAME, environ.SERVER_PORT, environ['HTTP_HOST'], environ.PATH_INFO, environ.QUERY_STRING],
      ['one', '81', 'one:81', '/a', 'b'],
    );
  });

  it('has the version of the client', async () => {
    const { environ } = await servedEnviron('unix', 'GET / HTTP/1.0\r\n\r\n');
    assert.equal(environ.SERVER_PROTOCOL, 'HTTP/1.0');
  });
});
