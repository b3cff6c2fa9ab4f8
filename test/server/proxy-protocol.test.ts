// Connections that begin with a PROXY header: whom they are of, for everybody who asks; and who is not let in.

import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import type { Environ, GatewayApp } from '@appserve/core/app';
import { createHttpServer, type LogRecord } from '@appserve/server';
import { Scoreboard } from '@appserve/server/machines';
import { get, ok } from '../support/apps.ts';
import { eventually, turns } from '../support/eventually.ts';
import { startFastcgiServer } from '../support/fastcgi-server.ts';
import { Http2Client } from '../support/http2-client.ts';
import { startTestServer, type TestServer } from '../support/http-server.ts';
import { binary, block, checkedBlock, ENDS, ENDS6, line, LOCAL, OVER_TLS, unixBlock } from '../support/proxy-header.ts';
import { RawClient } from '../support/raw-client.ts';

const TIMEOUT = { timeout: 240_000 };
const BEHIND = { proxyProtocol: 'any', proxyAllow: ['127.0.0.1', 'unix'] } as const;
const CLIENT = `${ENDS.from} ${ENDS.fromPort} > ${ENDS.to} ${ENDS.toPort}`;

/** `192.0.2.1 56324 > 198.51.100.2 8443 http`. */
const endsApp: GatewayApp = (environ, startResponse) => ok(startResponse, endsOf(environ));

function endsOf({ REMOTE_ADDR, REMOTE_PORT, SERVER_NAME, SERVER_PORT, 'wsgi.url_scheme': scheme }: Environ): string {
  return `${REMOTE_ADDR} ${REMOTE_PORT} > ${SERVER_NAME} ${SERVER_PORT} ${scheme}`;
}

function warningsOf(server: { readonly log: readonly LogRecord[] }): string[] {
  return server.log.filter(({ level }) => level === 'warn').map(({ message }) => message);
}

/** Says all of it, and tells the body of the answer. */
async function ask(server: TestServer, ...texts: readonly string[]): Promise<string | undefined> {
  await using client = await server.client();
  for (const text of texts) await client.send(text);
  return (await client.response())?.body;
}

/** What a node app is told that asks its socket. */
function socketApp(request: IncomingMessage, response: ServerResponse): void {
  const { remoteAddress, remotePort, remoteFamily, localAddress, localPort, localFamily } = request.socket;
  response.end(
    JSON.stringify([remoteAddress, remotePort, remoteFamily, localAddress, localPort, localFamily, request.socket.address()]),
  );
}

/** And what it takes the scheme from. */
function encryptedApp(request: IncomingMessage, response: ServerResponse): void {
  const { encrypted } = request.socket as IncomingMessage['socket'] & { encrypted?: boolean };
  response.end(`${encrypted}`);
}

const tlsApp: GatewayApp = (environ, startResponse) => ok(startResponse, `${environ.HTTPS} ${String(environ['SSL_PROTOCOL'])}`);

describe('a connection behind a PROXY header', TIMEOUT, () => {
  for (const listen of ['tcp', 'unix'] as const) {
    it(`over ${listen} is of the client that the header names`, async () => {
      await using server = await startTestServer(endsApp, { ...BEHIND, listen });
      assert.equal(await ask(server, line() + get('/')), `${CLIENT} http`);
      assert.equal(await ask(server, block() + get('/')), `${CLIENT} http`);
      assert.equal(await ask(server, checkedBlock(ENDS6) + get('/')), '2001:db8::1 1 > 2001:db8::2 65535 http');
    });
  }

  it('is so for all of its requests', async () => {
    await using server = await startTestServer(endsApp, { ...BEHIND, listen: 'tcp' });
    await using client = await server.client();
    await client.send(line() + get('/') + get('/'));
    assert.equal((await client.response())?.body, `${CLIENT} http`);
    assert.equal((await client.response())?.body, `${CLIENT} http`);
    await client.send(get('/'));
    assert.equal((await client.response())?.body, `${CLIENT} http`);
  });

  for (const [what, header] of Object.entries({ line: line(ENDS6), block: checkedBlock() }))
    it(`may come byte by byte: a ${what}`, async () => {
      await using server = await startTestServer(endsApp, { ...BEHIND, listen: 'tcp' });
      await using client = await server.client();
      for (const byte of header + get('/')) {
        await client.send(byte);
        await turns(2);
      }
      assert.match((await client.response())!.body, header.startsWith('P') ? /^2001:db8::1 1 > / : /^192\.0\.2\.1 56324 > /);
    });

  it('may be of the proxy itself, which asks how we are', async () => {
    await using server = await startTestServer(endsApp, { ...BEHIND, listen: 'tcp' });
    await using client = await server.client();
    await client.send(binary(LOCAL, 0, '') + get('/'));
    assert.equal((await client.response())?.body, `127.0.0.1 ${client.localPort} > 127.0.0.1 ${server.at} http`);
  });

  it('may be of a client on a unix socket', async () => {
    await using server = await startTestServer(endsApp, { ...BEHIND, listen: 'tcp' });
    assert.equal(await ask(server, unixBlock('/run/a', '/run/b') + get('/')), '  > test 80 http');
  });

  it('is https where the proxy tells so', async () => {
    await using server = await startTestServer(endsApp, { ...BEHIND, listen: 'tcp' });
    assert.equal(await ask(server, block(ENDS, OVER_TLS) + get('/')), `${CLIENT} https`);
    assert.equal(await ask(server, block() + get('/')), `${CLIENT} http`);
  });

  it('is https to a node app too, which asks the socket, and to frameworks, which do', async () => {
    for (const options of [{}, { h2c: true }]) {
      await using server = await startTestServer(encryptedApp, { ...BEHIND, ...options, listen: 'tcp', interface: 'node' });
      assert.equal(await ask(server, block(ENDS, OVER_TLS) + get('/')), 'true');
      assert.equal(await ask(server, block() + get('/')), 'undefined');
    }
    await using clear = await startTestServer(encryptedApp, { ...BEHIND, listen: 'tcp', interface: 'node', urlScheme: 'https' });
    assert.equal(await ask(clear, block() + get('/')), 'true');
  });

  it('has no TLS of ours where the proxy has it', async () => {
    await using server = await startTestServer(tlsApp, { ...BEHIND, listen: 'tcp' });
    assert.equal(await ask(server, block(ENDS, OVER_TLS) + get('/')), 'on undefined');
  });

  it('may speak TLS behind its header', async () => {
    await using server = await startTestServer(endsApp, { ...BEHIND, listen: 'tls' });
    await using client = await RawClient.secure(Number(server.at), block());
    await client.send(get('/'));
    assert.equal((await client.response())?.body, `${CLIENT} https`);
    await using own = await RawClient.secure(Number(server.at), binary(LOCAL, 0, ''));
    await own.send(get('/'));
    assert.match((await own.response())!.body, /^127\.0\.0\.1 \d+ > 127\.0\.0\.1 \d+ https$/);
  });

  it('may speak HTTP/2 behind its header, in clear and over TLS', async () => {
    await using clear = await startTestServer(endsApp, { ...BEHIND, listen: 'tcp', h2c: true });
    await using client = await Http2Client.connect(clear.at, line());
    await client.send(get('/'));
    assert.match(await client.untilEnd(), new RegExp(`${CLIENT} http$`));
    await using secured = await startTestServer(endsApp, { ...BEHIND, listen: 'tls' });
    await using other = await Http2Client.secure(Number(secured.at), line());
    await other.send(get('/'));
    assert.match(await other.untilEnd(), new RegExp(`${CLIENT} https$`));
  });

  it('may speak FastCGI behind its header: fastcgi_allow asks about the web server that it names', async () => {
    await using server = await startFastcgiServer(endsApp, { ...BEHIND, listen: 'tcp', fastcgiAllow: [ENDS.from] });
    await using client = await server.client();
    await client.send(Buffer.from(line(), 'latin1'));
    const { stdout } = await client.ask({ params: { REQUEST_METHOD: 'GET', REMOTE_ADDR: '203.0.113.9' } });
    assert.match(stdout, /\r\n\r\n203\.0\.113\.9 /, 'whose client is told by its variables');
    await using stranger = await startFastcgiServer(endsApp, { ...BEHIND, listen: 'tcp', fastcgiAllow: ['127.0.0.1'] });
    await using other = await stranger.client();
    await other.send(Buffer.from(line(), 'latin1'));
    await other.untilEnd();
    assert.match(warningsOf(stranger).join(), /web server 192\.0\.2\.1 is not let in/);
  });

  for (const listen of ['tcp', 'tls'] as const)
    it(`over ${listen} says the same to a node app that asks its socket`, async () => {
      await using server = await startTestServer(socketApp, { ...BEHIND, listen, interface: 'node' });
      await using client = listen === 'tls' ? await RawClient.secure(Number(server.at), line()) : await server.client();
      await client.send((listen === 'tls' ? '' : line()) + get('/'));
      assert.deepEqual(JSON.parse((await client.response())!.body), [
        ENDS.from,
        ENDS.fromPort,
        'IPv4',
        ENDS.to,
        ENDS.toPort,
        'IPv4',
        { address: ENDS.to, family: 'IPv4', port: ENDS.toPort },
      ]);
    });

  it('says the same to a fetch app, and to the access log', async () => {
    const lines: string[] = [];
    const server = await createHttpServer(
      {
        fetch: (request: Request, { remoteAddress }: { remoteAddress: string }) =>
          new Response(`${remoteAddress} ${request.url}`),
      },
      {
        ...BEHIND,
        log: { write: (text: string) => void lines.push(text) },
        accessLogFormat: 'common',
        errorLog: () => undefined,
      },
    );
    const { port } = (await server.listen('127.0.0.1:0')) as { port: number };
    try {
      await using client = await RawClient.connect(port);
      await client.send(block(ENDS, OVER_TLS) + get('/a'));
      assert.equal((await client.response())?.body, `${ENDS.from} https://test/a`);
      await eventually('a line', () => lines.length > 0);
      assert.match(lines.join(''), /^192\.0\.2\.1 - - \[/);
    } finally {
      await server.close(0);
    }
  });
});

/** How many of two such connections are counted: strangers, and headers that are none. */
async function refusedOf(proxyAllow: string[], text: string): Promise<readonly number[]> {
  const counters = Scoreboard.create(1).row(0);
  await using server = await startTestServer(endsApp, { ...BEHIND, proxyAllow, counters, listen: 'tcp' });
  await ask(server, text);
  await ask(server, text);
  const { refusedAddresses, refusedHeaders } = counters.read();
  return [refusedAddresses, refusedHeaders];
}

const STRANGER = 'add it if it is a proxy; clients have to come by one, or to another server';

describe('nobody guesses', TIMEOUT, () => {
  it('a stranger is closed without a word, whatever he says', async () => {
    await using server = await startTestServer(endsApp, { ...BEHIND, proxyAllow: ['192.0.2.77'], listen: 'tcp' });
    for (const text of [line() + get('/'), block() + get('/'), get('/')]) {
      await using client = await server.client();
      await client.send(text).catch(() => undefined);
      assert.equal(await client.untilEnd(), '');
    }
    const told = `peer 127.0.0.1 on 127.0.0.1:${server.at} is not let in: proxy_allow does not name it; ${STRANGER}`;
    assert.deepEqual(warningsOf(server), [told], 'once a minute');
  });

  it('a stranger on a unix socket is one too', async () => {
    await using server = await startTestServer(endsApp, { ...BEHIND, proxyAllow: ['127.0.0.1', '::/0'] });
    assert.equal(await ask(server, line() + get('/')), undefined);
    assert.deepEqual(warningsOf(server), [`a peer on a unix socket is not let in: proxy_allow does not name it; ${STRANGER}`]);
  });

  it('a proxy that says no header is closed, and why is logged', async () => {
    await using server = await startTestServer(endsApp, { ...BEHIND, listen: 'tcp' });
    assert.equal(await ask(server, get('/')), undefined);
    assert.match(
      warningsOf(server).join(),
      /^peer 127\.0\.0\.1 on 127\.0\.0\.1:\d+: PROXY_HEADER_INVALID: .* begins with "GET \/ HTTP\/1".*; let the proxy say one .* or set proxy_protocol = off here$/,
    );
  });

  it('each kind of mistake is told, whatever was told before', async () => {
    await using server = await startTestServer(endsApp, { ...BEHIND, proxyProtocol: 'v2', listen: 'tcp', headTimeoutMs: 300 });
    const SAID = [get('/'), get('/again'), line() + get('/'), block().slice(0, -1)];
    for (const text of SAID) {
      await using client = await server.client();
      await client.send(text);
      assert.equal(await client.untilEnd(), '');
    }
    const told = warningsOf(server);
    assert.equal(told.length, 3, told.join('\n'));
    assert.match(told[0]!, /begins with "GET .*; let the proxy say one/);
    assert.match(
      told[1]!,
      /of version 1, and only version 2 is spoken; the connection is closed; proxy_protocol = any takes both$/,
    );
    assert.match(told[2]!, /PROXY_HEADER_TIMEOUT: .*; let the proxy say one/);
  });

  it('each that is closed is counted, also where nothing is told', async () => {
    assert.deepEqual(await refusedOf(['192.0.2.77'], line() + get('/')), [2, 0]);
    assert.deepEqual(await refusedOf(['127.0.0.1'], get('/')), [0, 2]);
    assert.deepEqual(await refusedOf(['127.0.0.1'], line() + get('/')), [0, 0]);
  });

  it('a header of the other version is none', async () => {
    await using first = await startTestServer(endsApp, { ...BEHIND, proxyProtocol: 'v1', listen: 'tcp' });
    assert.equal(await ask(first, block() + get('/')), undefined);
    assert.equal(await ask(first, line() + get('/')), `${CLIENT} http`);
    await using second = await startTestServer(endsApp, { ...BEHIND, proxyProtocol: 'v2', listen: 'tcp' });
    assert.equal(await ask(second, line() + get('/')), undefined);
    assert.equal(await ask(second, block() + get('/')), `${CLIENT} http`);
  });

  it('a second header is a request that is none', async () => {
    await using server = await startTestServer(endsApp, { ...BEHIND, listen: 'tcp' });
    for (const second of [line({ ...ENDS, from: '6.6.6.6' }), block({ ...ENDS, from: '6.6.6.6' })]) {
      await using client = await server.client();
      await client.send(line() + second + get('/'));
      assert.match(await client.untilEnd(), /^HTTP\/1\.1 [45]\d\d /);
    }
  });

  it('a header behind a request is a request that is none', async () => {
    await using server = await startTestServer(endsApp, { ...BEHIND, listen: 'tcp' });
    await using client = await server.client();
    await client.send(line() + get('/') + line({ ...ENDS, from: '6.6.6.6' }) + get('/'));
    assert.equal((await client.response())?.body, `${CLIENT} http`);
    assert.equal((await client.response())?.status, 400);
    assert.equal(await client.untilEnd(), '');
  });

  it('a header is a request that is none where nobody has switched it on', async () => {
    await using server = await startTestServer(endsApp, { listen: 'tcp' });
    await using client = await server.client();
    await client.send(line() + get('/'));
    assert.equal((await client.response())?.status, 400);
  });

  it('TLS without a header is closed before its handshake', async () => {
    await using server = await startTestServer(endsApp, { ...BEHIND, listen: 'tls' });
    await assert.rejects(RawClient.secure(Number(server.at)));
    assert.match(warningsOf(server).join(), /PROXY_HEADER_INVALID/);
  });

  it('a header within TLS is too late', async () => {
    await using server = await startTestServer(endsApp, { ...BEHIND, listen: 'tls' });
    await using client = await RawClient.secure(Number(server.at), line());
    await client.send(line({ ...ENDS, from: '6.6.6.6' }) + get('/'));
    assert.match(await client.untilEnd(), /^HTTP\/1\.1 400 /);
  });
});

describe('a header that does not come', TIMEOUT, () => {
  it('is waited for no longer than head_timeout', async () => {
    await using server = await startTestServer(endsApp, { ...BEHIND, listen: 'tcp', headTimeoutMs: 300 });
    await using client = await server.client();
    await client.send(line().slice(0, -1));
    assert.equal(await client.untilEnd(), '');
    assert.match(warningsOf(server).join(), /PROXY_HEADER_TIMEOUT: no whole PROXY header within 300 ms/);
    await eventually('nobody is left', () => server.server.connections === 0);
  });

  it('is waited for no longer than handshake_timeout where TLS follows', async () => {
    await using server = await startTestServer(endsApp, {
      ...BEHIND,
      listen: 'tls',
      handshakeTimeoutMs: 300,
      headTimeoutMs: 50_000,
    });
    await using client = await RawClient.connect(server.at);
    assert.equal(await client.untilEnd(), '');
    assert.match(warningsOf(server).join(), /within 300 ms/);
  });

  it('is no matter where the proxy only looks whether somebody is there', async () => {
    await using server = await startTestServer(endsApp, { ...BEHIND, listen: 'tcp' });
    await using client = await server.client();
    client.endSending();
    assert.equal(await client.untilEnd(), '');
    await eventually('nobody is left', () => server.server.connections === 0);
    assert.deepEqual(warningsOf(server), []);
  });
});

describe('a server that stops', TIMEOUT, () => {
  it('with patience answers one more request of whoever is about to say his header, and is not kept by the others', async () => {
    await using server = await startTestServer(endsApp, { ...BEHIND, listen: 'tcp' });
    await using late = await server.client();
    await using silent = await server.client();
    await eventually('both are there', () => server.server.connections === 2);
    const closed = server.server.close(30_000, true);
    await late.send(line() + get('/'));
    assert.equal((await late.response())?.body, `${CLIENT} http`);
    // Its answer says so, or, where it has come while others were still accepted, the end of its patience does.
    assert.equal(await late.untilEnd(), '');
    assert.equal(await silent.untilEnd(), '');
    assert.equal(await closed, 0, 'nobody is cut');
  });

  it('without patience closes whoever has said no header', async () => {
    await using server = await startTestServer(endsApp, { ...BEHIND, listen: 'tcp' });
    await using client = await server.client();
    await client.send(line().slice(0, -1));
    await eventually('it is there', () => server.server.connections === 1);
    assert.equal(await server.server.close(30_000), 0);
    assert.equal(await client.untilEnd(), '');
  });
});
