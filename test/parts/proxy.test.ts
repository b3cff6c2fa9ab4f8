// What goes to another server and comes from it, and what becomes of servers that die, stall and lie.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type net from 'node:net';
import { describe, it, mock } from 'node:test';
import { get } from '../support/apps.ts';
import { eventually } from '../support/eventually.ts';
import { faultOf } from '../support/faults.ts';
import { FrameClient, handshake } from '../support/frame-client.ts';
import type { TestServerOptions } from '../support/http-server.ts';
import { siteOf, type Site } from '../support/parts.ts';
import { block, ENDS, OVER_TLS } from '../support/proxy-header.ts';
import { absent } from '../support/programs.ts';
import type { RawClient } from '../support/raw-client.ts';
import { upstreamThat, type Upstream } from '../support/upstream.ts';

const TIMEOUT = { timeout: 240_000 };

/** What fails is told on standard error: heard here, so that it does not stand in the report. */
const complaints = mock.method(console, 'error', () => undefined);

function proxyTo(to: string | number, ...lines: readonly string[]): Promise<Site> {
  const address = typeof to === 'number' ? `http://127.0.0.1:${to}` : to;
  return siteOf(['[app:main]', 'use = @appserve/parts#proxy', `address = ${address}`, ...lines], { listen: 'tcp' });
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** The request as the upstream has it: its line, and its fields by lower-case name. */
function requestOf({ heard: [text = ''] }: Upstream): { line: string; fields: Map<string, string[]>; body: string } {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [line = '', ...lines] = head.split('\r\n');
  const fields = new Map<string, string[]>();
  for (const field of lines) {
    const colon = field.indexOf(':');
    const name = field.slice(0, colon).toLowerCase();
    fields.set(name, [...(fields.get(name) ?? []), field.slice(colon + 1).trim()]);
  }
  return { line, fields, body: rest.join('\r\n\r\n') };
}

describe('a request', TIMEOUT, () => {
  it('goes on as it came, its path behind that of the address', async () => {
    await using upstream = await upstreamThat(OK);
    await using site = await proxyTo(`http://127.0.0.1:${upstream.port}/base/`);
    const answer = await site.ask('/a%2Fb/%C3%A9;x?q=%20&r=[]', ['Accept-Language: de', 'X-Two: 1', 'X-Two: 2', 'Cookie: a=b']);
    assert.deepEqual([answer.status, answer.body], [200, 'ok']);
    const { line, fields } = requestOf(upstream);
    assert.equal(line, 'GET /base/a%2Fb/%C3%A9;x?q=%20&r=[] HTTP/1.1');
    assert.deepEqual(fields.get('host'), [`127.0.0.1:${upstream.port}`]);
    assert.deepEqual([fields.get('accept-language'), fields.get('x-two'), fields.get('cookie')], [['de'], ['1', '2'], ['a=b']]);
  });

  it('goes to the address itself where a mount has taken the whole path', async () => {
    await using upstream = await upstreamThat(OK.replace('Content-Length', 'Connection: close\r\nContent-Length'));
    const address = `http://127.0.0.1:${upstream.port}/v1`;
    const lines = ['[composite:main]', 'use = @appserve/parts#urlmap', '/api = api'];
    await using site = await siteOf([...lines, '[app:api]', 'use = @appserve/parts#proxy', `address = ${address}`]);
    const asked = { '/api': '/v1', '/api?a=1': '/v1?a=1', '/api/': '/v1/', '/api/b': '/v1/b' };
    for (const target of Object.keys(asked)) await site.ask(target);
    assert.deepEqual(
      upstream.heard.map((text) => text.split(' ')[1]),
      Object.values(asked),
    );
  });

  it('has no field of one connection in it', async () => {
    await using upstream = await upstreamThat(OK);
    await using site = await proxyTo(upstream.port, 'suppress_http_headers = X-Internal');
    const own = [
      'X-Named: 1',
      'Keep-Alive: timeout=5',
      'Proxy-Connection: close',
      'TE: gzip',
      'Trailer: X',
      'Upgrade: h2c',
      'Proxy-Authorization: Basic eDp5',
      'X-Internal: 1',
      'X-Kept: 1',
    ];
    const text = `GET / HTTP/1.1\r\nHost: a\r\nConnection: close, x-named\r\n${own.join('\r\n')}\r\n\r\n`;
    assert.match(await site.say(text), /^HTTP\/1\.1 200 /);
    const { fields } = requestOf(upstream);
    assert.deepEqual(fields.get('x-kept'), ['1']);
    for (const line of own.slice(0, -1)) assert.equal(fields.get(line.split(':')[0]!.toLowerCase()), undefined, line);
    assert.ok(!/close|x-named/i.test(fields.get('connection')?.join(',') ?? ''), 'Connection is ours');
  });

  for (const [forwarded, wanted] of [
    ['set', ['127.0.0.1', 'http', 'site.test']],
    ['append', ['6.6.6.6, 127.0.0.1', 'https, http', 'evil.test, site.test']],
    ['keep', ['6.6.6.6', 'https', 'evil.test']],
  ] as const) {
    it(`says of whom it is, with forwarded = ${forwarded}`, async () => {
      await using upstream = await upstreamThat(OK);
      await using site = await proxyTo(upstream.port, `forwarded = ${forwarded}`, 'preserve_host = yes');
      const lies = ['X-Forwarded-For: 6.6.6.6', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: evil.test'];
      await site.ask('/', ['Host: site.test', ...lies]);
      const { fields } = requestOf(upstream);
      const told = ['for', 'proto', 'host'].map((name) => fields.get(`x-forwarded-${name}`));
      assert.deepEqual(
        told,
        wanted.map((value) => [value]),
      );
      assert.deepEqual(fields.get('host'), ['site.test']);
    });
  }

  for (const forwarded of ['set', 'append'])
    it(`lets a client say more of itself only behind a proxy, with forwarded = ${forwarded}`, async () => {
      await using upstream = await upstreamThat(OK);
      await using site = await proxyTo(upstream.port, `forwarded = ${forwarded}`);
      const names = [
        'X-Forwarded-Port',
        'X-Forwarded-Prefix',
        'X-Forwarded-Server',
        'x-forwarded-ssl',
        'X-Real-IP',
        'X-Forwarded',
      ];
      await site.ask('/', [...names.map((name) => `${name}: 6`), 'Forwarded: for=6.6.6.6', 'X-Forwarding: 1']);
      const { fields } = requestOf(upstream);
      for (const name of names) assert.deepEqual(fields.get(name.toLowerCase()), forwarded === 'set' ? undefined : ['6'], name);
      assert.deepEqual([fields.get('forwarded'), fields.get('x-forwarding')], [undefined, ['1']]);
    });

  for (const forwarded of ['set', 'append'])
    it(`lets no client say with _ what CGI reads as -, with forwarded = ${forwarded}`, async () => {
      await using upstream = await upstreamThat(OK);
      await using site = await proxyTo(upstream.port, `forwarded = ${forwarded}`);
      const names = ['X_Forwarded_For', 'x-forwarded_proto', 'X_FORWARDED-HOST', 'X_Forwarded', 'X-Forwarded_Port', 'X_Real_IP'];
      await site.ask('/', [...names.map((name) => `${name}: 6`), 'X_Forwarding: 1', 'X_Request_Id: 2']);
      const { fields } = requestOf(upstream);
      for (const name of names) assert.equal(fields.get(name.toLowerCase()), undefined, name);
      assert.deepEqual([fields.get('x-forwarded-for'), fields.get('x_forwarding')], [['127.0.0.1'], ['1']]);
      assert.deepEqual(fields.get('x_request_id'), ['2']);
    });

  const SAID: readonly (readonly [what: string, options: TestServerOptions, ahead: string, fields: readonly string[]])[] = [
    ['a PROXY header', { proxyProtocol: 'v2', proxyAllow: ['127.0.0.1'] }, block(ENDS, OVER_TLS), []],
    ['a field', { forwardedAllow: ['127.0.0.1'] }, '', ['X-Forwarded-Proto: https']],
    ['url_scheme', { urlScheme: 'https' }, '', []],
  ];
  for (const [what, options, ahead, lines] of SAID)
    it(`says the scheme that ${what} has said`, async () => {
      await using upstream = await upstreamThat(OK);
      await using site = await siteOf(
        ['[app:main]', 'use = @appserve/parts#proxy', `address = http://127.0.0.1:${upstream.port}`],
        { ...options, listen: 'tcp' },
      );
      await site.say(ahead + get('/', 'Connection: close', ...lines));
      assert.deepEqual(requestOf(upstream).fields.get('x-forwarded-proto'), ['https']);
    });

  it('has its body streamed, with a length and without', async () => {
    await using upstream = await upstreamThat((socket, _asked, nth) => {
      const look = (): void => {
        if (/world$|\r\n0\r\n\r\n$/.test(upstream.heard[nth]!)) socket.end(OK);
      };
      socket.on('data', look);
      look();
    });
    await using site = await proxyTo(upstream.port);
    const client = await site.server.client();
    await client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello ');
    await eventually('the first piece has come', () => upstream.heard[0]?.endsWith('hello ') === true);
    await client.send('world');
    assert.equal((await client.response())?.status, 200);
    await client[Symbol.asyncDispose]();
    await site.say(
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    );
    assert.match(upstream.heard[1]!, /transfer-encoding: chunked\r\n[^]*\r\n5\r\nhello\r\n0\r\n\r\n$/i);
  });

  it('that is broken off is broken off', async () => {
    await using upstream = await upstreamThat(() => undefined);
    await using site = await proxyTo(upstream.port);
    const client = await site.server.client();
    await client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello ');
    await eventually('the first piece has come', () => upstream.heard[0]?.endsWith('hello ') === true);
    await client[Symbol.asyncDispose]();
    await eventually('the upstream is told', () => upstream.ended > 0);
  });

  for (const path of ['/../x', '/a/%2e%2E/x', '/a/..%2fx', '/a%5c..%5cx', '/a/..;jsessionid=1/x', '/..']) {
    it(`does not climb out of the address: ${path}`, async () => {
      await using upstream = await upstreamThat(OK);
      await using site = await proxyTo(`http://127.0.0.1:${upstream.port}/base`);
      assert.equal((await site.ask(path)).status, 400);
      assert.deepEqual(upstream.heard, []);
    });
  }

  it('may have any other dots', async () => {
    await using upstream = await upstreamThat(OK);
    await using site = await proxyTo(upstream.port);
    await site.ask('/...//a..b/.c?x=/../y');
    assert.equal(requestOf(upstream).line, 'GET /...//a..b/.c?x=/../y HTTP/1.1');
  });

  it('has only the methods that are allowed', async () => {
    await using upstream = await upstreamThat(OK);
    // Paste takes them in any case.
    await using site = await proxyTo(upstream.port, 'allowed_request_methods = GET head');
    const answer = await site.ask('/', [], { method: 'DELETE' });
    assert.deepEqual([answer.status, answer.fields.get('allow')], [405, ['GET, HEAD']]);
    assert.equal((await site.ask('/')).status, 200);
    assert.equal(upstream.heard.length, 1);
  });
});

describe('an answer', TIMEOUT, () => {
  it('comes as it is, without what is of one connection', async () => {
    const fields = [
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
      'X-Latin: caf\xe9',
      'Connection: x-hop',
      'X-Hop: 1',
      'Keep-Alive: timeout=5',
      'Proxy-Authenticate: Basic',
      'Upgrade: h2c',
      'Content-Length: 4',
    ];
    await using upstream = await upstreamThat(`HTTP/1.1 299 Odd Reason\r\n${fields.join('\r\n')}\r\n\r\nbody`);
    await using site = await proxyTo(upstream.port);
    const answer = await site.ask('/');
    assert.deepEqual([answer.status, answer.reason, answer.body, answer.isWhole], [299, 'Odd Reason', 'body', true]);
    assert.deepEqual(answer.fields.get('set-cookie'), ['a=1', 'b=2']);
    assert.deepEqual([answer.fields.get('x-latin'), answer.fields.get('content-length')], [['caf\xe9'], ['4']]);
    for (const name of ['x-hop', 'keep-alive', 'proxy-authenticate', 'upgrade'])
      assert.equal(answer.fields.get(name), undefined, name);
  });

  for (const [what, said, method, wanted] of [
    ['to HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n', 'HEAD', [200, '', ['99']]],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', 'GET', [204, '', undefined]],
    ['304', 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 99\r\n\r\n', 'GET', [304, '', ['99']]],
    [
      'in chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
      'GET',
      [200, 'abcde', undefined],
    ],
    ['behind 102', 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx', 'GET', [200, 'x', ['1']]],
  ] as const) {
    it(what, async () => {
      await using upstream = await upstreamThat(said);
      await using site = await proxyTo(upstream.port);
      const { status, body, fields, isWhole } = await site.ask('/', [], { method });
      assert.deepEqual([status, body, fields.get('content-length'), isWhole], [...wanted, true]);
    });
  }

  it('that ends with its connection', async () => {
    await using upstream = await upstreamThat((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'));
    await using site = await proxyTo(upstream.port);
    const { status, body, isWhole } = await site.ask('/');
    assert.deepEqual([status, body, isWhole], [200, 'all of it', true]);
  });

  it('has its hints ahead of it', async () => {
    await using upstream = await upstreamThat(`HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n${OK}`);
    await using site = await proxyTo(upstream.port);
    const text = await site.say('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    assert.match(text, /^HTTP\/1\.1 103 Early Hints\r\nlink: <\/a\.css>; rel=preload\r\n\r\nHTTP\/1\.1 200 OK/i);
  });

  for (const [what, link] of [
    ['several in one field', '</a.css>; rel=preload; as=style, </b.js>; rel=preload; as=script'],
    ['a blank within quotes', '</a.css>; rel=preload; title="a b"'],
    ['no link at all', 'a.css'],
  ] as const)
    it(`has hints ahead of it that are ${what}`, async () => {
      await using upstream = await upstreamThat(`HTTP/1.1 103 Early Hints\r\nLink: ${link}\r\nLink: </c>\r\n\r\n${OK}`);
      await using site = await proxyTo(upstream.port);
      const text = await site.say(get('/', 'Connection: close'));
      assert.ok(text.startsWith(`HTTP/1.1 103 Early Hints\r\nLink: ${link}\r\nLink: </c>\r\n\r\nHTTP/1.1 200 OK\r\n`), text);
    });

  it('comes piece by piece, its head first', async () => {
    let upstreamSocket: net.Socket | undefined;
    await using upstream = await upstreamThat((socket) => {
      upstreamSocket = socket;
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    });
    await using site = await proxyTo(upstream.port);
    await using client = await site.server.client();
    await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.until((text) => text.includes('\r\n\r\n'));
    upstreamSocket!.write('3\r\none\r\n');
    await client.until((text) => text.includes('one'));
    upstreamSocket!.write('0\r\n\r\n');
    await client.until((text) => text.endsWith('0\r\n\r\n'));
  });

  it('waits for a slow client', async () => {
    let sent = 0;
    await using upstream = await upstreamThat((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const more = (): void => {
        while (sent < 200 * 1_024 ** 2 && !socket.destroyed) {
          sent += 65_536;
          if (!socket.write(Buffer.alloc(65_536))) {
            socket.once('drain', more);
            return;
          }
        }
      };
      more();
    });
    await using site = await proxyTo(upstream.port);
    const client = await site.server.client();
    client.pause();
    await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    let [before, looks] = [0, 0];
    await eventually('the upstream is not read any more', () => {
      looks = sent > 0 && sent === before ? looks + 1 : 0;
      before = sent;
      return looks > 50;
    });
    assert.ok(sent < 100 * 1_024 ** 2, `${sent} bytes were taken for a client that reads none`);
    await client[Symbol.asyncDispose]();
    await eventually('the upstream is told', () => upstream.ended > 0);
  });
});

describe('an upstream', TIMEOUT, () => {
  it('that is not there is a 502, and a line for who runs the site', async () => {
    const gone = await upstreamThat(OK);
    await gone[Symbol.asyncDispose]();
    complaints.mock.resetCalls();
    await using site = await proxyTo(gone.port);
    const answer = await site.ask('/');
    assert.deepEqual([answer.status, answer.body], [502, '502 Bad Gateway\n']);
    assert.match(String(complaints.mock.calls[0]?.arguments[0]), /^proxy: http:\/\/127\.0\.0\.1:[0-9]+: .*ECONNREFUSED/);
  });

  it('of an unknown name is a 502', async () => {
    await using site = await proxyTo('http://no-such-host.invalid');
    assert.equal((await site.ask('/')).status, 502);
  });

  for (const [what, said] of [
    ['that ends without a word', ''],
    ['that ends within its head', 'HTTP/1.1 200 OK\r\nContent-'],
    ['that speaks no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['of another version', 'HTTP/3.0 200 OK\r\n\r\n'],
    ['with two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'],
    ['with a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok'],
    [
      'with a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    ],
    ['with a field that is none', 'HTTP/1.1 200 OK\r\nX Y: 1\r\nContent-Length: 2\r\n\r\nok'],
    ['with too large a head', `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['with a 100 that nobody has asked for', `HTTP/1.1 100 Continue\r\n\r\n${OK}`],
    ['that switches to what nobody wanted', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
  ] as const) {
    it(`${what} is a 502`, async () => {
      await using upstream = await upstreamThat((socket) => socket.end(said));
      await using site = await proxyTo(upstream.port);
      const answer = await site.ask('/', [], { method: 'POST', body: 'x' });
      assert.deepEqual([answer.status, answer.body], [502, '502 Bad Gateway\n']);
    });
  }

  it('that breaks an idle connection is asked once more, where the method is safe', async () => {
    await using upstream = await upstreamThat((socket, _asked, nth) => (nth === 0 ? socket.destroy() : socket.end(OK)));
    await using site = await proxyTo(upstream.port);
    assert.equal((await site.ask('/')).status, 200);
    assert.equal(upstream.heard.length, 2);
  });

  it('is not asked twice to change anything', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      await using upstream = await upstreamThat((socket) => socket.destroy());
      await using site = await proxyTo(upstream.port);
      assert.deepEqual([(await site.ask('/', [], { method })).status, upstream.heard.length], [502, 1], method);
    }
  });

  it('that stalls before it answers is a 504', async () => {
    await using upstream = await upstreamThat(() => undefined);
    await using site = await proxyTo(upstream.port, 'timeout = 50ms');
    assert.equal((await site.ask('/')).status, 504);
    await eventually('it is left', () => upstream.ended > 0);
  });

  for (const [what, answer] of [
    ['stalls within its body', (socket: net.Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')],
    ['says too little', (socket: net.Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')],
    [
      'is reset within its body',
      (socket: net.Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', () => socket.resetAndDestroy()),
    ],
    [
      'breaks its chunks',
      (socket: net.Socket) => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n'),
    ],
    [
      'ends within its chunks',
      (socket: net.Socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'),
    ],
  ] as const) {
    it(`that ${what} has the client's connection cut`, async () => {
      await using upstream = await upstreamThat((socket) => void answer(socket));
      await using site = await proxyTo(upstream.port, 'timeout = 2s');
      const { status, isWhole } = await site.ask('/');
      assert.deepEqual([status, isWhole], [200, false]);
    });
  }

  it('that says a long head is heard where that is allowed', async () => {
    await using upstream = await upstreamThat(OK.replace('\r\n', `\r\nConnection: close\r\nX-Long: ${'x'.repeat(20_000)}\r\n`));
    await using short = await proxyTo(upstream.port);
    assert.equal((await short.ask('/')).status, 502);
    await using long = await proxyTo(upstream.port, 'response_head_limit = 32KiB');
    const answer = await long.ask('/');
    assert.deepEqual([answer.status, answer.fields.get('x-long')?.[0]?.length], [200, 20_000]);
  });

  it('that has no connection free lets few wait', async () => {
    await using upstream = await upstreamThat(() => undefined);
    await using site = await proxyTo(upstream.port, 'connections = 1', 'waiting = 1');
    const clients = [await site.server.client(), await site.server.client(), await site.server.client()];
    for (const client of clients) await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    // One is asked for, one waits, and whoever comes last is refused.
    const refused = await Promise.race(clients.map((client) => client.response()));
    assert.equal(refused?.status, 503);
    assert.match(refused.head, /^retry-after: 1$/im);
    for (const client of clients) await client[Symbol.asyncDispose]();
    await eventually('the first has gone', () => upstream.ended > 0);
  });

  it('that has no connection free lets nobody wait without end', async () => {
    await using upstream = await upstreamThat(() => undefined);
    await using site = await proxyTo(upstream.port, 'connections = 1', 'waiting_timeout = 50ms');
    await using first = await site.server.client();
    await first.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually('the first is asked for', () => upstream.heard.some((text) => text !== ''));
    const late = await site.ask('/');
    assert.deepEqual([late.status, late.fields.get('retry-after')], [503, ['1']]);
  });

  it('is asked for those who wait, in the order in which they came', async () => {
    const held: net.Socket[] = [];
    await using upstream = await upstreamThat((socket, _asked, nth) => {
      if (nth === 0) held.push(socket);
      else socket.end(OK);
    });
    await using site = await proxyTo(upstream.port, 'connections = 1');
    const clients = [await site.server.client(), await site.server.client(), await site.server.client()];
    const [first, leaving, last] = clients as [RawClient, RawClient, RawClient];
    await first.send('GET /1 HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually('the first is asked for', () => held.length === 1);
    await leaving.send('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
    await last.send('GET /3 HTTP/1.1\r\nHost: a\r\n\r\n');
    // Who leaves while he waits takes nobody's turn.
    await leaving[Symbol.asyncDispose]();
    held[0]!.end(OK.replace('Content', 'Connection: close\r\nContent'));
    assert.equal((await first.response())?.body, 'ok');
    assert.equal((await last.response())?.body, 'ok');
    for (const client of [first, last]) await client[Symbol.asyncDispose]();
  });

  it('that takes no body is a 504', async () => {
    await using upstream = await upstreamThat((socket) => void socket.pause());
    await using site = await proxyTo(upstream.port, 'timeout = 200ms');
    await using client = await site.server.client();
    const length = 16 * 1_024 * 1_024;
    const sending = client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(length)}`);
    sending.catch(() => undefined);
    assert.equal((await client.response())?.status, 504);
  });

  it('that says too much is heard as far as it has said', async () => {
    await using upstream = await upstreamThat(`${OK}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged`);
    await using site = await proxyTo(upstream.port);
    for (let nth = 0; nth < 3; nth += 1) assert.equal((await site.ask('/')).body, 'ok', 'nobody hears an answer that is not his');
  });
});

describe('a WebSocket', TIMEOUT, () => {
  const ECHO = {
    'app.mjs': `export const main = () => ({ message: (socket, message) => void socket.send(message), protocols: ['chat'] });`,
  };

  it('goes through, with its subprotocol and what is large', async () => {
    await using echo = await siteOf(['[app:main]', 'use = ./app.mjs'], { files: ECHO, listen: 'tcp' });
    await using site = await proxyTo(Number(echo.server.at));
    await using client = await FrameClient.open(site.server.at, '/ws', ['Sec-WebSocket-Protocol: chat']);
    assert.match(client.head, /^HTTP\/1\.1 101 [^]*sec-websocket-protocol: chat/i);
    client.send('text hello');
    assert.equal(await client.hear(), 'text hello');
    client.send('binary x*70000');
    assert.equal((await client.frame())?.payload.length, 70_000);
    client.send('close 1000 bye');
    assert.match(await client.hear(), /^close 1000/);
    assert.equal(await client.hear(), 'end');
  });

  it('that is refused is answered as the upstream has it', async () => {
    await using upstream = await upstreamThat(
      'HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\nX-Why: no\r\nConnection: x-hop\r\nX-Hop: 1\r\n\r\nnope',
    );
    await using site = await proxyTo(upstream.port);
    await using client = await FrameClient.open(site.server.at, '/ws');
    assert.match(client.head, /^HTTP\/1\.1 403 Forbidden\r\n[^]*X-Why: no/);
    assert.doesNotMatch(client.head, /x-hop/i);
  });

  for (const [what, answer, status] of [
    ['that is not there', undefined, 502],
    ['that ends without a word', (socket: net.Socket) => socket.end(), 502],
    ['that stalls', () => undefined, 504],
  ] as const) {
    it(`of an upstream ${what} is a ${status}`, async () => {
      await using upstream = await upstreamThat(answer ?? OK);
      if (answer === undefined) await upstream[Symbol.asyncDispose]();
      await using site = await proxyTo(upstream.port, 'timeout = 2s');
      await using client = await FrameClient.open(site.server.at, '/ws');
      assert.match(client.head, new RegExp(`^HTTP/1\\.1 ${status} `));
    });
  }

  it('ends at both ends when one leaves', async () => {
    await using echo = await siteOf(['[app:main]', 'use = ./app.mjs'], { files: ECHO, listen: 'tcp' });
    await using site = await proxyTo(Number(echo.server.at));
    const client = await FrameClient.open(site.server.at, '/ws');
    assert.equal(echo.server.server.connections, 1);
    client.reset();
    await eventually('the upstream has no connection', () => echo.server.server.connections === 0);
  });

  it('that is silent is probed by the kernel, both its ends: who vanishes says nothing', { skip: absent('ss') }, async () => {
    await using echo = await siteOf(['[app:main]', 'use = ./app.mjs'], { files: ECHO, listen: 'tcp' });
    await using site = await proxyTo(Number(echo.server.at));
    await using client = await FrameClient.open(site.server.at, '/ws');
    assert.match(client.head, /^HTTP\/1\.1 101 /);
    for (const port of [`sport = :${site.server.at}`, `dport = :${echo.server.at}`]) {
      const told = (): string => spawnSync('ss', ['-tnoH', 'state', 'established', port], { encoding: 'utf8' }).stdout;
      // A timer for what is not acknowledged yet goes ahead.
      await eventually(`it is probed: ${port}`, () => /^[^\n]+timer:\(keepalive,[^\n]+\n$/.test(told()));
    }
  });

  for (const [what, path, said] of [
    ['that is refused', '/a/../ws', OK],
    ['that the upstream declines', '/ws', OK.replace('200 OK', '403 Forbidden')],
    ['that the upstream breaks', '/ws', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ] as const)
    it(`${what} holds no connection, though its client stays and says more`, async () => {
      await using upstream = await upstreamThat(said);
      await using site = await proxyTo(upstream.port);
      await using client = await site.server.client();
      await client.send(handshake(path));
      assert.match(await client.untilEnd(), /^HTTP\/1\.1 (?:400|403|502) /);
      // Read and dropped: a reset could take the answer from who has not read it yet.
      await client.send('x'.repeat(1_000_000));
      assert.equal(client.error, undefined);
      await eventually('the connection is closed', () => site.server.server.connections === 0);
    });

  it('is refused where its method is not allowed', async () => {
    await using upstream = await upstreamThat(OK);
    await using site = await proxyTo(upstream.port, 'allowed_request_methods = post');
    await using client = await FrameClient.open(site.server.at, '/ws');
    assert.match(client.head, /^HTTP\/1\.1 405 Method Not Allowed\r\n[^]*Allow: POST/i);
    assert.equal(upstream.heard.length, 0);
  });

  it('does not climb either', async () => {
    await using upstream = await upstreamThat(OK);
    await using site = await proxyTo(upstream.port);
    await using client = await FrameClient.open(site.server.at, '/a/../ws');
    assert.match(client.head, /^HTTP\/1\.1 400 /);
    assert.deepEqual(upstream.heard, []);
  });
});

describe('the address of a proxy', TIMEOUT, () => {
  for (const address of ['localhost:8080', 'ftp://a', 'http://user:secret@a/', 'http://a/?b', 'http://', 'http://a/#b', '/x'])
    it(`is not ${address}`, async () => {
      const fault = await faultOf(proxyTo(address));
      assert.deepEqual([fault.code, fault.at?.line], ['OPTION_INVALID', 3]);
    });
});
