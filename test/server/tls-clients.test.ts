// What a server over TLS holds its clients to, and what it tells apps of them: names, versions, ciphers, certificates, sessions.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { before, describe, it } from 'node:test';
import type { ConnectionOptions, PeerCertificate, TLSSocket } from 'node:tls';
import { utf8Of, type Environ, type FetchFunction, type GatewayApp } from '@appserve/core/app';
import { ServerNames, TicketKeys, tlsOptions, type TlsMaterial } from '@appserve/server/machines';
import { get, ok, pathApp } from '../support/apps.ts';
import { Authority, type Issued } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../support/http-server.ts';
import { RawClient } from '../support/raw-client.ts';
import { askTls, type Asked } from '../support/tls-ask.ts';

const TIMEOUT = { timeout: 240_000 };

let authority: Authority;
let certificate: Issued;
let client: Issued;
let foreign: Issued;

before(async () => {
  authority = await Authority.create();
  certificate = await authority.issue({ name: 'CN=first' });
  client = await authority.issue({ name: 'CN=alice,O=Exämple\\, Ltd,C=DE', serialNumber: '0badcafe' });
  foreign = await (await Authority.create('CN=Somebody Else')).issue({ name: 'CN=alice' });
});

type Given = Partial<TlsMaterial> & { readonly options?: TestServerOptions };

async function serve(app: Parameters<typeof startTestServer>[0], { options, ...given }: Given = {}): Promise<TestServer> {
  const material: TlsMaterial = {
    certificates: [{ hosts: [], ...certificate }],
    ca: authority.pem,
    clientCertificates: 'none',
    ciphers: undefined,
    minVersion: 'TLSv1.2',
    ticketKeys: randomBytes(48),
    ...given,
  };
  return startTestServer(app, { ...options, listen: 'tls', tls: tlsOptions(material) });
}

async function ask({ at }: TestServer, options: ConnectionOptions = {}): Promise<Asked> {
  return askTls(Number(at), options);
}

/** Its SSL_* variables, as JSON. */
const tellsVariables: GatewayApp = (environ, startResponse) => {
  const entries = Object.entries(environ).filter(([key]) => key.startsWith('SSL_'));
  return ok(startResponse, JSON.stringify(Object.fromEntries(entries.map(([key, value]) => [key, utf8Of(String(value))]))));
};

const tellsContext: FetchFunction = (_request, { tls: facts, environ }) =>
  Response.json({ ...facts, dn: environ.SSL_CLIENT_S_DN });

/** Of a node app: what it is told of who the client is. */
function tellsSocket(request: IncomingMessage, response: ServerResponse): void {
  const secure = request.socket as TLSSocket;
  const { subject, issuer } = secure.getPeerCertificate() as Partial<PeerCertificate>;
  response.end(JSON.stringify([secure.encrypted, secure.authorized, subject?.CN ?? null, issuer?.CN ?? null]));
}

async function served(who: RawClient): Promise<string | undefined> {
  await who.send(get('/served'));
  return (await who.response())?.body;
}

function variablesIn({ body }: Asked): Environ {
  return JSON.parse(utf8Of(body)) as Environ;
}

describe('a certificate for each name (SNI)', TIMEOUT, () => {
  it('is the one of that name, whatever its case, or of its wildcard; else the first', async () => {
    const names = ['www.example.test', '*.example.test', '*.shop.test'];
    const certificates = await Promise.all(
      names.map(async (name) => ({ hosts: [name], ...(await authority.issue({ name: `CN=${name}` })) })),
    );
    await using server = await serve(pathApp, { certificates: [{ hosts: [], ...certificate }, ...certificates] });
    const shown = async (servername: string): Promise<string> => (await ask(server, { servername })).certificate;
    assert.equal(await shown('www.example.test'), 'www.example.test');
    assert.equal(await shown('WWW.Example.TEST'), 'www.example.test');
    assert.equal(await shown('other.example.test'), '*.example.test');
    assert.equal(await shown('two.labels.example.test'), 'first');
    assert.equal(await shown('example.test'), 'first');
    assert.equal(await shown('a.shop.test'), '*.shop.test');
    assert.equal(await shown('unheard-of.test'), 'first');
    assert.equal((await ask(server)).certificate, 'first');
  });

  it('does not go around what is asked of clients', async () => {
    const other = { hosts: ['other.test'], ...(await authority.issue({ name: 'CN=other' })) };
    await using server = await serve(pathApp, {
      certificates: [{ hosts: [], ...certificate }, other],
      clientCertificates: 'required',
    });
    await assert.rejects(ask(server, { servername: 'other.test' }));
    await assert.rejects(ask(server, { servername: 'other.test', ...foreign }));
    assert.equal((await ask(server, { servername: 'other.test', ...client })).certificate, 'other');
  });

  it('is found by a name that may be anything', () => {
    const names = new ServerNames<number>();
    names.add('A.Test.', 1);
    names.add('*.a.test', 2);
    names.add('*.A.test', 3);
    const found = [
      'a.test',
      'a.test.',
      'A.TEST',
      'b.a.test',
      'B.a.Test.',
      '.a.test',
      '*.a.test',
      '',
      '.',
      '..',
      'test',
      '__proto__',
      'c.b.a.test',
    ];
    assert.deepEqual(
      found.map((name) => names.find(name)),
      [1, 1, 1, 2, 2, undefined, 2, undefined, undefined, undefined, undefined, undefined, undefined],
    );
  });
});

describe('a version and a cipher', TIMEOUT, () => {
  it('of TLS 1.2 are spoken with who does not know better, and older ones with nobody', async () => {
    await using server = await serve(pathApp);
    assert.equal((await ask(server, { maxVersion: 'TLSv1.2' })).protocol, 'TLSv1.2');
    assert.equal((await ask(server)).protocol, 'TLSv1.3');
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
    await assert.rejects(ask(server, old), /alert protocol version/);
  });

  it('are not spoken below ssl_version', async () => {
    await using server = await serve(pathApp, { minVersion: 'TLSv1.3' });
    await assert.rejects(ask(server, { maxVersion: 'TLSv1.2' }), /alert protocol version/);
    assert.equal((await ask(server)).protocol, 'TLSv1.3');
  });

  it('are chosen from ciphers', async () => {
    const ciphers = 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES256-GCM-SHA384';
    await using server = await serve(tellsVariables, { ciphers });
    const new13 = await ask(server);
    const old12 = await ask(server, { maxVersion: 'TLSv1.2' });
    assert.deepEqual([new13.cipher, old12.cipher], ciphers.split(':'));
    assert.equal(variablesIn(new13)['SSL_CIPHER'], 'TLS_AES_128_GCM_SHA256');
    const others = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' } as const;
    await assert.rejects(ask(server, others), /alert handshake failure/);
  });
});

describe('the certificate of a client', TIMEOUT, () => {
  it('that is required: nobody else is let in', async () => {
    await using server = await serve(pathApp, { clientCertificates: 'required' });
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      await assert.rejects(ask(server, { maxVersion }), `without one, ${maxVersion}`);
      await assert.rejects(ask(server, { maxVersion, ...foreign }), `one of others, ${maxVersion}`);
      assert.equal((await ask(server, { maxVersion, ...client })).body, '/');
    }
    await eventually('nobody is left', () => server.server.connections === 0);
  });

  it('that is optional: nobody needs one, and a wrong one is refused', async () => {
    await using server = await serve(tellsVariables, { clientCertificates: 'optional' });
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      assert.equal(variablesIn(await ask(server, { maxVersion })).SSL_CLIENT_VERIFY, 'NONE');
      assert.equal(variablesIn(await ask(server, { maxVersion, ...client })).SSL_CLIENT_VERIFY, 'SUCCESS');
      await assert.rejects(ask(server, { maxVersion, ...foreign }), maxVersion);
    }
  });

  for (const clientCertificates of ['required', 'optional'] as const) {
    it(`that was revoked is refused, and no other: ${clientCertificates}`, async () => {
      const other = await authority.issue({ name: 'CN=bob', serialNumber: '0b0b' });
      await using server = await serve(pathApp, { clientCertificates, crls: [await authority.revoke(['0badcafe'])] });
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        await assert.rejects(ask(server, { maxVersion, ...client }), maxVersion);
        assert.equal((await ask(server, { maxVersion, ...other })).body, '/');
      }
    });
  }

  it('is refused where the list is out of date, or of another authority', async () => {
    const foreignList = await (await Authority.create('CN=Somebody Else')).revoke([]);
    for (const crls of [[await authority.revoke([], { validToDays: -1 })], [foreignList]]) {
      await using server = await serve(pathApp, { clientCertificates: 'required', crls });
      await assert.rejects(ask(server, client));
    }
    const own = await authority.revoke([]);
    const outOfDate = await authority.revoke([], { validToDays: -1 });
    const spelledOtherwise = await authority.revoke([], { name: 'CN=TEST  authority' });
    for (const crls of [[foreignList, own], [outOfDate, own], [spelledOtherwise]]) {
      await using server = await serve(pathApp, { clientCertificates: 'required', crls });
      assert.equal((await ask(server, client)).body, '/');
    }
  });

  it('that nobody asks for is not looked at', async () => {
    await using server = await serve(tellsVariables);
    assert.equal(variablesIn(await ask(server, foreign)).SSL_CLIENT_VERIFY, 'NONE');
  });

  it('is told to gateway apps as mod_ssl tells it', async () => {
    await using server = await serve(tellsVariables, { clientCertificates: 'required' });
    const {
      SSL_CLIENT_CERT: pem,
      SSL_CLIENT_V_START: from,
      SSL_CLIENT_V_END: to,
      ...told
    } = variablesIn(await ask(server, { ...client, servername: 'shop.test' }));
    assert.deepEqual(told, {
      SSL_PROTOCOL: 'TLSv1.3',
      SSL_CIPHER: 'TLS_AES_256_GCM_SHA384',
      SSL_SESSION_RESUMED: 'Initial',
      SSL_TLS_SNI: 'shop.test',
      SSL_CLIENT_VERIFY: 'SUCCESS',
      SSL_CLIENT_S_DN: 'C=DE,O=Exämple\\, Ltd,CN=alice',
      SSL_CLIENT_S_DN_CN: 'alice',
      SSL_CLIENT_I_DN: 'CN=Test Authority',
      SSL_CLIENT_M_SERIAL: '0BADCAFE',
    });
    assert.equal(String(pem).trim(), client.cert.trim());
    for (const time of [from, to]) assert.match(String(time), /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT$/);
  });

  it('cannot be made of a header', async () => {
    await using server = await serve(tellsVariables, { clientCertificates: 'optional' });
    await using plain = await server.client();
    await plain.send(get('/').replace('\r\n\r\n', '\r\nSSL-CLIENT-VERIFY: SUCCESS\r\nSSL_CLIENT_S_DN: CN=root\r\n\r\n'));
    const told = JSON.parse((await plain.response())!.body) as Environ;
    assert.equal(told.SSL_CLIENT_VERIFY, 'NONE');
    assert.equal(told.SSL_CLIENT_S_DN, undefined);
  });

  it('is told to fetch apps by their context', async () => {
    await using server = await serve(tellsContext, { clientCertificates: 'optional' });
    const told = JSON.parse((await ask(server, client)).body) as { clientCertificate: Record<string, string>; dn: string };
    const { subject, issuer, commonName, serialNumber, fingerprint256 } = told.clientCertificate;
    assert.deepEqual([issuer, commonName, serialNumber], ['CN=Test Authority', 'alice', '0BADCAFE']);
    assert.match(fingerprint256!, /^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    assert.equal(utf8Of(told.dn), subject);
    const { clientCertificate, ...others } = JSON.parse((await ask(server)).body) as Record<string, unknown>;
    assert.equal(clientCertificate, undefined);
    assert.deepEqual(others, { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', isResumed: false });
  });

  it('is told to node apps by their socket', async () => {
    await using server = await serve(tellsSocket, { clientCertificates: 'optional' });
    assert.deepEqual(JSON.parse((await ask(server, client)).body), [true, true, 'alice', 'Test Authority']);
    assert.deepEqual(JSON.parse((await ask(server)).body), [true, false, null, null]);
  });

  for (const clientCertificates of ['required', 'optional'] as const) {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      it(`is told of when it is refused, once a minute for each reason: ${clientCertificates}, ${maxVersion}`, async () => {
        const crls = [await authority.revoke([], { validToDays: -1 })];
        await using server = await serve(pathApp, { clientCertificates, crls });
        for (const who of [client, client, foreign, foreign]) await assert.rejects(ask(server, { maxVersion, ...who }));
        // A client that shows none is nobody's mistake.
        await ask(server, { maxVersion }).catch(() => undefined);
        const told = (level: string): string[] =>
          server.log
            .filter((record) => record.level === level && /certificate/.test(record.message))
            .map(({ message }) => message);
        const who = clientCertificates === 'required' ? 'a client' : 'client 127.0.0.1';
        const refused = `the certificate of ${who} is refused`;
        const OUT_OF_DATE = `${refused}: CRL_HAS_EXPIRED (crlfile: the list of its authority is out of date)`;
        const FOREIGN = `${refused}: UNABLE_TO_VERIFY_LEAF_SIGNATURE`;
        await eventually('the last one is told', () => told('debug').includes(FOREIGN));
        assert.deepEqual(told('warn'), [OUT_OF_DATE, FOREIGN]);
        assert.deepEqual(
          told('debug').filter((message) => message.startsWith(refused)),
          [OUT_OF_DATE, FOREIGN],
        );
      });
    }
  }
});

describe('a session that is taken up again', TIMEOUT, () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`is so, and knows the client by the certificate that it had shown (${maxVersion})`, async () => {
      await using server = await serve(tellsVariables, { clientCertificates: 'required' });
      const first = await ask(server, { maxVersion, ...client });
      const again = await ask(server, { maxVersion, ...client, session: first.session! });
      assert.deepEqual([first.isResumed, again.isResumed], [false, true]);
      const told = variablesIn(again);
      assert.equal(told['SSL_SESSION_RESUMED'], 'Resumed');
      assert.deepEqual([told.SSL_CLIENT_VERIFY, told.SSL_CLIENT_S_DN], ['SUCCESS', variablesIn(first).SSL_CLIENT_S_DN]);
    });

    it(`does not make a client of one that had shown no certificate (${maxVersion})`, async () => {
      await using server = await serve(tellsSocket, { clientCertificates: 'optional' });
      const first = await ask(server, { maxVersion });
      const again = await ask(server, { maxVersion, session: first.session! });
      assert.deepEqual([again.isResumed, again.body, first.body], [true, first.body, '[true,false,null,null]']);
    });
  }

  for (const [maxVersion, again] of [
    // node:tls settles no name with a session, and OpenSSL reads no other.
    ['TLSv1.2', undefined],
    ['TLSv1.3', 'shop.test'],
  ] as const)
    it(`tells ${again ?? 'no name'} where the client has asked for one each time (${maxVersion})`, async () => {
      await using server = await serve(tellsVariables);
      const first = await ask(server, { maxVersion, servername: 'shop.test' });
      const second = await ask(server, { maxVersion, servername: 'shop.test', session: first.session! });
      assert.equal(second.isResumed, true);
      assert.deepEqual(
        [first, second].map((asked) => variablesIn(asked)['SSL_TLS_SNI']),
        ['shop.test', again],
      );
    });

  it('is settled by one server and taken up by another with the same keys, for any of their names', async () => {
    const other = { hosts: ['other.test'], ...(await authority.issue({ name: 'CN=other' })) };
    const shared = { ticketKeys: randomBytes(48), certificates: [{ hosts: [], ...certificate }, other] as const };
    await using one = await serve(pathApp, shared);
    await using two = await serve(pathApp, shared);
    await using three = await serve(pathApp, { ...shared, ticketKeys: randomBytes(48) });
    for (const servername of ['first.test', 'other.test']) {
      const { session } = await ask(one, { servername });
      assert.equal((await ask(two, { servername, session: session! })).isResumed, true, servername);
      assert.equal((await ask(three, { servername, session: session! })).isResumed, false, servername);
    }
  });
});

describe('the keys of sessions', () => {
  it('are those of a generation, until they are renewed', () => {
    const keys = new TicketKeys();
    const first = keys.of(1);
    assert.equal(first.length, 48);
    assert.equal(keys.of(1), first);
    assert.notDeepEqual(keys.of(2), first);
    assert.equal(keys.of(1), first, 'while the next one starts');
    const second = keys.of(2);
    keys.renew();
    assert.notDeepEqual(keys.of(1), first);
    assert.notDeepEqual(keys.of(2), second);
  });

  it('of generations that are gone are forgotten', () => {
    const keys = new TicketKeys();
    const first = keys.of(1);
    for (let generation = 2; generation < 10; generation += 1) keys.of(generation);
    assert.notDeepEqual(keys.of(1), first);
  });
});

describe('a client that speaks in clear where TLS is spoken', TIMEOUT, () => {
  for (const method of ['GET', 'HEAD', 'POST', 'PUT']) {
    it(`is told so, in clear: ${method}`, async () => {
      await using server = await serve(pathApp);
      await using plain = await RawClient.connect(server.at);
      await plain.send(get('/').replace('GET', method));
      const text = await plain.untilEnd();
      assert.match(
        text,
        /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: text\/plain; charset=utf-8\r\nContent-Length: 65\r\nConnection: close\r\n\r\n/,
      );
      assert.equal(
        text.slice(text.indexOf('\r\n\r\n') + 4),
        'This address speaks HTTPS, and the request came over plain HTTP.\n',
      );
      await eventually('nobody is left', () => server.server.connections === 0);
      assert.deepEqual(
        server.log.filter(({ level }) => level !== 'debug'),
        [],
      );
    });
  }
});

describe('max_handshakes', TIMEOUT, () => {
  it('has the oldest one go when there are more, and lets in who means it', async () => {
    await using server = await serve(pathApp, { options: { maxHandshakes: 2, handshakeTimeoutMs: 60_000 } });
    await using first = await RawClient.connect(server.at);
    await eventually('it is accepted', () => server.server.connections === 1);
    await using second = await RawClient.connect(server.at);
    await eventually('it is accepted', () => server.server.connections === 2);
    assert.equal((await ask(server)).body, '/');
    assert.equal(await first.untilEnd(), '');
    await eventually('the others are gone', () => server.server.connections === 1);
    assert.match(server.log.map(({ message }) => message).join('\n'), /2 others are under way \(max_handshakes\)/);
    assert.equal(second.isEnded, false);
  });

  it('does not count who is served', async () => {
    await using server = await serve(pathApp, { options: { maxHandshakes: 1 } });
    await using one = await server.client();
    assert.equal(await served(one), '/served');
    await using two = await server.client();
    assert.equal(await served(two), '/served');
    assert.equal(await served(one), '/served');
  });
});
