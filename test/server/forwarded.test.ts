// Requests that come through proxies which say whose they are: who is believed, of what, and what is left for the app.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import type { Environ, Filter, GatewayApp, WebSocketApp } from '@appserve/core/app';
import { proxyHeaders } from '@appserve/parts';
import { createHttpServer } from '@appserve/server';
import { get, ok } from '../support/apps.ts';
import { Deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { FrameClient } from '../support/frame-client.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../support/http-server.ts';
import { Http2Client } from '../support/http2-client.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { ENDS, line } from '../support/proxy-header.ts';
import { RawClient, type RawResponse } from '../support/raw-client.ts';

const TIMEOUT = { timeout: 240_000 };
const ALL = ['for', 'proto', 'host', 'port'] as const;
const TRUSTING = { listen: 'tcp', forwardedAllow: ['127.0.0.1', '10.0.0.0/8'] } as const;
const TRUSTING_ALL = { ...TRUSTING, forwardedBelieve: ALL } as const;

/** `203.0.113.9 - https a.test 443 | x-forwarded-for: 203.0.113.9`. */
const seenApp: GatewayApp = (environ, startResponse) => ok(startResponse, `${whoOf(environ)}${fieldsOf(environ)}`);

function whoOf(environ: Environ): string {
  const { REMOTE_ADDR, REMOTE_PORT, SERVER_NAME, SERVER_PORT, 'wsgi.url_scheme': scheme, HTTPS } = environ;
  assert.equal(HTTPS, scheme === 'https' ? 'on' : undefined);
  return `${REMOTE_ADDR} ${REMOTE_PORT || '-'} ${scheme} ${SERVER_NAME} ${SERVER_PORT} ${String(environ['HTTP_HOST'])}`;
}

function fieldsOf(environ: Environ): string {
  const names = Object.keys(environ).filter((name) => name.includes('FORWARDED'));
  return names.map((name) => ` | ${name}: ${String(environ[name])}`).join('');
}

async function answerTo(server: TestServer, text: string): Promise<RawResponse | undefined> {
  await using client = await server.client();
  await client.send(text);
  return await client.response();
}

async function asked(options: TestServerOptions, ...fields: readonly string[]): Promise<string> {
  await using server = await startTestServer(seenApp, options);
  const answer = (await answerTo(server, get('/', ...fields)))!;
  return answer.status === 200 ? answer.body.replace(` ${server.at} `, ' PORT ') : String(answer.status);
}

const FROM_PROXY = ['X-Forwarded-For: 203.0.113.9', 'X-Forwarded-Proto: https'];

describe('forwarded_header', TIMEOUT, () => {
  const SAYS = get('/', 'X-Forwarded-For: 203.0.113.9', 'Forwarded: for=198.51.100.1;proto=https');
  for (const [forwardedHeader, seen] of [
    ['x-forwarded', '203.0.113.9 - http'],
    ['forwarded', '198.51.100.1 - https'],
  ] as const)
    it(`${forwardedHeader}: the other kind is a client's, and taken away`, async () => {
      await using server = await startTestServer(seenApp, { ...TRUSTING, forwardedHeader });
      const body = String((await answerTo(server, SAYS))?.body);
      assert.equal(body.slice(0, seen.length), seen);
      assert.deepEqual(
        [body.includes('HTTP_X_FORWARDED_FOR'), body.includes('HTTP_FORWARDED')],
        [forwardedHeader === 'x-forwarded', forwardedHeader === 'forwarded'],
      );
    });

  it('any: what differs is refused, and says what to do', async () => {
    await using server = await startTestServer(seenApp, TRUSTING);
    const answer = await answerTo(server, SAYS);
    assert.equal(answer?.status, 400);
    assert.match(answer.body, /forwarded_header/);
  });
});

describe('a proxy of forwarded_allow', TIMEOUT, () => {
  it('says who the client is, and by what scheme it asks', async () => {
    assert.equal(
      await asked(TRUSTING, ...FROM_PROXY),
      '203.0.113.9 - https 127.0.0.1 443 test | HTTP_X_FORWARDED_FOR: 203.0.113.9 | HTTP_X_FORWARDED_PROTO: https',
    );
  });

  it('says which host is asked for where forwarded_believe has it, and not otherwise', async () => {
    const fields = [...FROM_PROXY, 'X-Forwarded-Host: shop.test:8443'];
    assert.match(await asked(TRUSTING_ALL, ...fields), /^203\.0\.113\.9 - https shop\.test 8443 shop\.test:8443 \|/);
    const told = await asked(TRUSTING, ...fields);
    assert.match(told, /^203\.0\.113\.9 - https 127\.0\.0\.1 443 test \|/);
    assert.doesNotMatch(told, /shop/, 'nobody behind believes it either');
  });

  it('says it in Forwarded, all at once', async () => {
    const field = 'Forwarded: for="[2001:db8::7]:4711";proto=https;host=shop.test';
    assert.match(await asked(TRUSTING, field), /^2001:db8::7 4711 https shop\.test 443 shop\.test \| HTTP_FORWARDED/);
  });

  it('is asked about the way from its end', async () => {
    const chain = 'X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.1.1.1';
    assert.match(await asked(TRUSTING, chain), /^203\.0\.113\.9 /);
    assert.match(await asked(TRUSTING, 'X-Forwarded-For: 6.6.6.6', 'X-Forwarded-For: 203.0.113.9'), /^203\.0\.113\.9 /);
    const protos = ['X-Forwarded-For: 6.6.6.6, 203.0.113.9', 'X-Forwarded-Proto: https, http'];
    assert.match(await asked(TRUSTING, ...protos), /^203\.0\.113\.9 - http /);
  });

  it('says nothing where it knows nothing, or says garbage', async () => {
    for (const name of ['unknown', '_hidden', 'not-an-ip', '1.2.3.4.5', "' OR 1=1"])
      assert.match(await asked(TRUSTING, `X-Forwarded-For: 6.6.6.6, ${name}`), /^127\.0\.0\.1 \d+ http /, name);
    assert.match(await asked(TRUSTING, 'Forwarded: for=6.6.6.6, for=_hidden'), /^127\.0\.0\.1 \d+ http /);
  });

  it('that says two things is refused', async () => {
    assert.equal(await asked(TRUSTING, 'X-Forwarded-For: 203.0.113.9', 'Forwarded: for=6.6.6.6'), '400');
    assert.equal(await asked(TRUSTING_ALL, 'X-Forwarded-For: 203.0.113.9', 'Forwarded: for=203.0.113.9;host=evil.test'), '400');
    assert.match(await asked(TRUSTING, 'X-Forwarded-For: 203.0.113.9', 'Forwarded: for=203.0.113.9'), /^203\.0\.113\.9 /);
  });

  it('may say in both kinds of fields more than is believed, which then nobody hears of', async () => {
    const told = await asked(TRUSTING, ...FROM_PROXY, 'Forwarded: for=203.0.113.9;proto=https;host=shop.test');
    assert.match(told, /^203\.0\.113\.9 - https 127\.0\.0\.1 443 test \|/);
    assert.doesNotMatch(told, /shop/);
  });

  it('cannot be made to say another host by a client of a chain in which not each writes it', async () => {
    const chain = [
      'X-Forwarded-For: 203.0.113.9, 127.0.0.1',
      'X-Forwarded-Host: evil.test, shop.test',
      'X-Forwarded-Proto: http, https',
    ];
    assert.match(await asked(TRUSTING_ALL, ...chain), /^203\.0\.113\.9 - https shop\.test 443 shop\.test /);
  });

  it('that says two things is told of once a minute, with what differs and what to do', async () => {
    await using server = await startTestServer(seenApp, TRUSTING);
    for (let time = 0; time < 2; time += 1)
      await answerTo(server, get('/', 'X-Forwarded-For: 203.0.113.9', 'Forwarded: for=6.6.6.6'));
    assert.deepEqual(
      server.log.filter(({ level }) => level === 'warn').map(({ message }) => message),
      [
        'proxy 127.0.0.1: FORWARDED_CONFLICT: the client is 6.6.6.6 by Forwarded, and 203.0.113.9 by X-Forwarded-*: let the proxy take away the one that it does not write, or name the one that it writes in forwarded_header',
      ],
    );
  });

  it('is refused for that in the midst of a body too, and its connection goes on as after any refusal', async () => {
    await using server = await startTestServer(seenApp, TRUSTING);
    await using client = await server.client();
    await client.send(
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX-Forwarded-For: 1.1.1.1\r\nForwarded: for=2.2.2.2\r\n\r\nhello`,
    );
    assert.equal((await client.response())?.status, 400);
    assert.equal(await client.untilEnd(), '');
    assert.match(
      server.log.map(({ message }) => message).join('\n'),
      /FORWARDED_CONFLICT: the client is 2\.2\.2\.2 by Forwarded, and 1\.1\.1\.1 by X-Forwarded-\*/,
    );
  });

  it('may come by a unix socket, where that is named', async () => {
    assert.match(
      await asked({ listen: 'unix', forwardedAllow: ['unix'] }, ...FROM_PROXY),
      /^203\.0\.113\.9 - https test 443 test/,
    );
    assert.match(
      await asked({ listen: 'unix', forwardedAllow: ['127.0.0.1', '0.0.0.0/0', '::/0'] }, ...FROM_PROXY),
      /^ - http test 80 test$/,
    );
  });

  it('is the one that a PROXY header names', async () => {
    const proxied = { ...TRUSTING, proxyProtocol: 'v1', proxyAllow: ['127.0.0.1'] } as const;
    await using trusted = await startTestServer(seenApp, { ...proxied, forwardedAllow: [ENDS.from] });
    assert.match(
      (await answerTo(trusted, line() + get('/', ...FROM_PROXY)))!.body,
      /^203\.0\.113\.9 - https 198\.51\.100\.2 443 test/,
    );
    await using other = await startTestServer(seenApp, proxied);
    const told = (await answerTo(other, line() + get('/', ...FROM_PROXY)))!.body;
    assert.equal(told, '192.0.2.1 56324 http 198.51.100.2 8443 test', 'who stands behind 127.0.0.1 is not 127.0.0.1');
  });
});

describe('anybody else', TIMEOUT, () => {
  const STRANGE = { listen: 'tcp', forwardedAllow: ['192.0.2.77'], forwardedBelieve: ALL } as const;
  const FORGED = [
    'X-Forwarded-For: 6.6.6.6',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: evil.test',
    'X-Forwarded-Port: 666',
    'X-Forwarded-Server: evil.test',
    'Forwarded: for=7.7.7.7;host=evil.test',
  ];

  it('is not believed, and what he says is taken away', async () => {
    assert.match(await asked(STRANGE, ...FORGED), /^127\.0\.0\.1 \d+ http 127\.0\.0\.1 PORT test$/);
  });

  it('is not believed under names that an environ would mix up', async () => {
    const forged = ['X_Forwarded_For: 6.6.6.6', 'X-Forwarded_For: 6.6.6.6', 'X_FORWARDED_PROTO: https'];
    assert.match(await asked(TRUSTING_ALL, ...forged), /^127\.0\.0\.1 \d+ http 127\.0\.0\.1 PORT test$/);
    const beside = await asked(TRUSTING_ALL, 'X-Forwarded-For: 203.0.113.9', ...forged);
    assert.match(beside, /^203\.0\.113\.9 - http 127\.0\.0\.1 PORT test \| HTTP_X_FORWARDED_FOR: 203\.0\.113\.9$/);
  });

  it('is the affair of the app where nothing is said', async () => {
    assert.match(
      await asked({ listen: 'tcp' }, 'X-Forwarded-For: 6.6.6.6', 'Forwarded: for=7.7.7.7'),
      /^127\.0\.0\.1 \d+ http 127\.0\.0\.1 PORT test \| HTTP_X_FORWARDED_FOR: 6\.6\.6\.6 \| HTTP_FORWARDED: for=7\.7\.7\.7$/,
    );
  });

  it('is not even read of: what he says twice is no conflict', async () => {
    assert.match(await asked(STRANGE, 'X-Forwarded-For: 6.6.6.6', 'Forwarded: for=7.7.7.7'), /^127\.0\.0\.1 /);
  });
});

function socketApp(request: IncomingMessage, response: ServerResponse): void {
  const { remoteAddress, encrypted } = request.socket as IncomingMessage['socket'] & { encrypted?: boolean };
  response.end(`${remoteAddress} ${encrypted} ${request.headers.host} ${String(request.headers['x-forwarded-host'])}`);
}

const tlsApp: GatewayApp = (environ, startResponse) =>
  ok(startResponse, `${environ.REMOTE_ADDR} ${String(environ['SSL_PROTOCOL'])} ${environ.HTTPS}`);

/** Says it and resets while this thread is busy, which so accepts a connection of which the system tells no address any more. */
function sayAndReset(port: number, text: string): void {
  const script = `const to = require('net').connect(${port}, '127.0.0.1', () => to.write(${JSON.stringify(text)}, () => to.resetAndDestroy()))`;
  assert.equal(spawnSync(process.execPath, ['-e', script], { timeout: PATIENCE_MS }).status, 0);
}

/** The clients that an app has seen: of one who has gone, and of one who says the same behind him. */
async function gone(options: TestServerOptions, text: string, filter?: Filter): Promise<readonly string[]> {
  const seen: string[] = [];
  const app: GatewayApp = (environ, startResponse) => {
    seen.push(environ.REMOTE_ADDR);
    return ok(startResponse, '');
  };
  await using server = await startTestServer(filter === undefined ? app : await filter(app), { listen: 'tcp', ...options });
  sayAndReset(Number(server.at), text);
  // Whoever comes behind him is answered behind him.
  await answerTo(server, text);
  return seen;
}

describe('a client that has gone before he is looked at', TIMEOUT, () => {
  it('is nobody on a unix socket: neither for fields nor for a PROXY header', async () => {
    const forged = get('/', 'X-Forwarded-For: 6.6.6.6');
    assert.deepEqual(await gone({ forwardedAllow: ['unix'] }, forged), ['unknown', '127.0.0.1']);
    const filter = proxyHeaders({}, { trusted: ['unix'], header: 'x-forwarded', believe: ['for'] });
    assert.deepEqual(await gone({}, forged, filter), ['unknown', '127.0.0.1']);
    assert.deepEqual(await gone({ proxyProtocol: 'v1', proxyAllow: ['unix'] }, line() + get('/')), []);
  });
});

describe('the client that proxies tell of', TIMEOUT, () => {
  it('is another one for each request of a connection', async () => {
    await using server = await startTestServer(seenApp, TRUSTING);
    await using client = await server.client();
    await client.send(get('/', 'X-Forwarded-For: 203.0.113.1') + get('/', 'X-Forwarded-For: 203.0.113.2') + get('/'));
    for (const address of ['203.0.113.1', '203.0.113.2', '127.0.0.1'])
      assert.ok((await client.response())?.body.startsWith(`${address} `), address);
  });

  it('is told over HTTP/2 too, and a conflict refuses one request', async () => {
    await using server = await startTestServer(seenApp, { ...TRUSTING_ALL, h2c: true });
    await using client = await Http2Client.connect(server.at);
    await client.send(get('/', ...FROM_PROXY, 'X-Forwarded-Host: shop.test'));
    await client.send(get('/', 'X-Forwarded-For: 1.1.1.1', 'Forwarded: for=2.2.2.2'));
    await client.send(get('/'));
    const heard = await client.untilEnd();
    assert.match(heard, /203\.0\.113\.9 - https shop\.test 443 shop\.test/);
    assert.match(heard, /HTTP\/\S+ 400/);
    assert.match(heard, /127\.0\.0\.1 \d+ http/);
  });

  it('is told to a node app, whose socket then is none of the proxy', async () => {
    await using server = await startTestServer(socketApp, { ...TRUSTING, interface: 'node' });
    const fields = [...FROM_PROXY, 'X-Forwarded-Host: evil.test'];
    assert.equal((await answerTo(server, get('/', ...fields)))?.body, '203.0.113.9 true test undefined');
    assert.equal((await answerTo(server, get('/')))?.body, '127.0.0.1 undefined test undefined');
  });

  it('is told to a fetch app, and to the access log', async () => {
    const lines: string[] = [];
    const server = await createHttpServer(
      {
        fetch: (request: Request, { remoteAddress }: { remoteAddress: string }) =>
          new Response(`${remoteAddress} ${request.url}`),
      },
      {
        forwardedAllow: ['127.0.0.1'],
        forwardedBelieve: ALL,
        log: { write: (text: string) => void lines.push(text) },
        accessLogFormat: '%(h)s %(scheme)s',
      },
    );
    const { port } = (await server.listen('127.0.0.1:0')) as { port: number };
    try {
      await using client = await RawClient.connect(port);
      await client.send(get('/a', ...FROM_PROXY, 'X-Forwarded-Host: shop.test'));
      assert.equal((await client.response())?.body, '203.0.113.9 https://shop.test/a');
      await eventually('a line', () => lines.length > 0);
      assert.equal(lines.join(''), '203.0.113.9 https\n');
    } finally {
      await server.close(0);
    }
  });

  it('is told to the access log also of a request for which there is no room', async () => {
    const lines: string[] = [];
    const isAsked = new Deferred();
    const mayAnswer = new Deferred();
    const app = async (): Promise<Response> => {
      isAsked.resolve();
      await mayAnswer.promise;
      return new Response('');
    };
    const server = await createHttpServer(
      { fetch: app },
      {
        forwardedAllow: ['127.0.0.1'],
        concurrency: 1,
        queueLimit: 0,
        log: { write: (text: string) => void lines.push(text) },
        accessLogFormat: 'access %(h)s %(s)s',
      },
    );
    const { port } = (await server.listen('127.0.0.1:0')) as { port: number };
    try {
      await using busy = await RawClient.connect(port);
      await busy.send(get('/', 'X-Forwarded-For: 203.0.113.1'));
      await isAsked.promise;
      await using client = await RawClient.connect(port);
      await client.send(get('/', ...FROM_PROXY));
      await client.response();
      mayAnswer.resolve();
      await busy.response();
      const told = (): string[] => lines.filter((text) => text.startsWith('access '));
      await eventually('all are told of', () => told().length === 2);
      assert.deepEqual(told(), ['access 203.0.113.9 503\n', 'access 203.0.113.1 200\n']);
    } finally {
      mayAnswer.resolve();
      await server.close(0);
    }
  });

  it('is told to who speaks WebSocket', async () => {
    const app: WebSocketApp = { message: (socket) => socket.send(socket.remoteAddress) };
    await using server = await startTestServer(app, TRUSTING);
    await using client = await FrameClient.open(server.at, '/', FROM_PROXY);
    client.send('text who am I?');
    assert.equal(await client.hear(), 'text 203.0.113.9');
  });

  it('has not shown the certificate that the proxy has', async () => {
    await using server = await startTestServer(tlsApp, { ...TRUSTING, listen: 'tls' });
    assert.equal((await answerTo(server, get('/', ...FROM_PROXY)))?.body, '203.0.113.9 undefined on');
    assert.equal((await answerTo(server, get('/')))?.body, '127.0.0.1 TLSv1.3 on');
  });
});

describe('what nobody tells', TIMEOUT, () => {
  const named = { listen: 'tcp', serverName: 'shop.test', urlScheme: 'https' } as const;

  it('is url_scheme and server_name', async () => {
    assert.match(await asked(named), /^127\.0\.0\.1 \d+ https shop\.test PORT test$/);
  });

  it('is url_scheme for a node app too, which asks the socket', async () => {
    await using server = await startTestServer(socketApp, { ...named, ...TRUSTING, interface: 'node' });
    assert.equal((await answerTo(server, get('/')))?.body, '127.0.0.1 true test undefined');
    const inClear = get('/', 'X-Forwarded-Proto: http');
    assert.equal((await answerTo(server, inClear))?.body, '127.0.0.1 false test undefined');
  });

  it('is no matter where a proxy tells it', async () => {
    const told = ['X-Forwarded-Proto: http', 'X-Forwarded-Host: other.test'];
    assert.match(await asked({ ...named, ...TRUSTING_ALL }, ...told), /^127\.0\.0\.1 \d+ http other\.test 80 other\.test /);
    assert.match(
      await asked({ ...named, ...TRUSTING_ALL }, 'X-Forwarded-For: 203.0.113.9'),
      /^203\.0\.113\.9 - https shop\.test PORT test /,
    );
  });

  it('is the host of URLs of requests without one', async () => {
    const app = { fetch: (request: Request) => new Response(request.url) };
    await using server = await startTestServer(app, named);
    assert.equal((await answerTo(server, 'GET /a HTTP/1.0\r\n\r\n'))?.body, `https://shop.test:${server.at}/a`);
    await using unix = await startTestServer(app, { ...named, listen: 'unix' });
    assert.equal((await answerTo(unix, 'GET /a HTTP/1.0\r\n\r\n'))?.body, 'https://shop.test/a');
    assert.equal((await answerTo(unix, get('/a')))?.body, 'https://test/a');
  });

  it('is TLS where TLS is spoken', async () => {
    assert.match(await asked({ ...named, urlScheme: 'http', listen: 'tls' }), / https shop\.test PORT test$/);
  });
});
