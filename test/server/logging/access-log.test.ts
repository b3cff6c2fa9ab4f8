// Lines of the access log: each format, each atom, and what hostile clients make of them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fields, RequestHead, ResponseHead } from '@appserve/core/message';
import { createHttpServer, LoggingLogAdapter } from '@appserve/server';
import { ATOMS, compileFormat, type Answered } from '@appserve/server/machines';
import { TCP } from '../../support/memory-exchange.ts';
import { RawClient } from '../../support/raw-client.ts';

function head(target = '/a?b=c', flat: readonly string[] = ['Host', 'a'], version = 'HTTP/1.1'): RequestHead {
  return new RequestHead({
    method: 'GET',
    target,
    pathAndQuery: target,
    version,
    fields: new Fields(flat),
    framing: { type: 'length', length: 0 },
    expectsContinue: false,
    keepAlive: true,
  });
}

function answered(given: Partial<Answered> = {}): Answered {
  return {
    head: head(),
    connection: TCP,
    cgi: undefined,
    status: 200,
    bodyBytes: 13,
    answer: new ResponseHead(200, 'OK', ['Content-Type', 'text/plain']),
    // Long ago, so that what passes until it is told changes the last digits only.
    beganMs: performance.now() - 1_234_500,
    requestId: 'id-7',
    ...given,
  };
}

function line(format: string, given?: Partial<Answered>): string {
  return compileFormat(format, 'worker-1').line(answered(given));
}

const TIME = String.raw`\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]`;
const BROWSER = ['Referer', 'http://a/', 'User-Agent', 'Mozilla/5.0', 'Authorization', `Basic ${btoa('ann:secret')}`];

describe('a line of the access log', () => {
  it('is Apache’s', () => {
    assert.match(line('common'), new RegExp(`^192\\.0\\.2\\.7 - - ${TIME} "GET /a\\?b=c HTTP/1\\.1" 200 13$`));
    assert.match(
      line('combined', { head: head('/', BROWSER) }),
      / - ann \[.*"GET \/ HTTP\/1\.1" 200 13 "http:\/\/a\/" "Mozilla\/5\.0"$/,
    );
  });

  it('is the same from names as from atoms', () => {
    const combined = '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"';
    for (const given of [{}, { head: head('/"\\', BROWSER) }, { head: undefined, status: 400, bodyBytes: 0 }, { status: 0 }])
      assert.equal(line(combined, given), line('combined', given));
  });

  it('may be JSON, in ASCII', () => {
    const text = line('json', { head: head('/caf\u00e9', ['User-Agent', 'gr\u00fc\u00df"e']) });
    assert.match(text, /^[\x20-\x7e]+$/);
    const { path, agent, status, bytes, ms, requestId, thread } = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual(
      { path, agent, status, bytes, requestId, thread },
      {
        path: '/caf\u00e9',
        agent: 'gr\u00fc\u00df"e',
        status: 200,
        bytes: 13,
        requestId: 'id-7',
        thread: 'worker-1',
      },
    );
    assert.ok((ms as number) > 1_234_000 && (ms as number) < 1_300_000);
  });

  const SHOWN: Readonly<Record<string, RegExp>> = {
    h: /^192\.0\.2\.7$/,
    l: /^-$/,
    u: /^-$/,
    t: new RegExp(`^${TIME}$`),
    r: /^GET \/a\?b=c HTTP\/1\.1$/,
    m: /^GET$/,
    U: /^\/a$/,
    q: /^b=c$/,
    H: /^HTTP\/1\.1$/,
    s: /^200$/,
    B: /^13$/,
    b: /^13$/,
    f: /^-$/,
    a: /^-$/,
    T: /^12[3-9]\d$/,
    D: /^12[3-9]\d{7}$/,
    M: /^12[3-9]\d{4}$/,
    L: /^12[3-9]\d\.\d{6}$/,
    p: new RegExp(`^<${process.pid}>$`),
    id: /^id-7$/,
    scheme: /^http$/,
    thread: /^worker-1$/,
  };
  for (const name of Object.keys(ATOMS)) {
    it(`has %(${name})s`, () => assert.match(line(`%(${name})s`), SHOWN[name]!));
  }

  it('has fields of both heads, and variables', () => {
    assert.equal(
      line('%({host}i)s %({X-No}i)s %({content-type}o)s %({PATH_INFO}e)s %({REMOTE_PORT}e)s %({NO}e)s'),
      'a - text/plain /a 50000 -',
    );
    assert.equal(line('100%% %(s)d'), '100% 200');
  });

  for (const format of ['hello', '%', '%(h', '%(nope)s', '%d', '%({a}x)s', 'a\n%(h)s', '%(h)s é']) {
    it(`is refused as a format: ${JSON.stringify(format)}`, () => {
      assert.throws(() => compileFormat(format, 'x'), { code: 'LOG_FORMAT_INVALID' });
    });
  }

  it('cannot be forged', () => {
    const flat = ['User-Agent', 'x" 200 1\n1.2.3.4 - "\u001b[2J\u009b\\', 'Authorization', `Basic ${btoa('a\n b"c:x')}`];
    for (const format of ['combined', '%(u)s %(a)s %({user-agent}i)s %({HTTP_USER_AGENT}e)s', 'json']) {
      const text = line(format, { head: head('/\u00ff', flat) });
      assert.match(text, /^[\x20-\x7e]+$/, format);
      if (format !== 'json') assert.ok(!/(?<!\\)" 200 1/.test(text.replace(/" 200 13/, '')), text);
    }
    assert.match(line('%(u)s', { head: head('/', flat) }), /^a\\x0a\\x20b\\"c$/);
  });

  it('cannot be forged by what a web server says of its client either: over FastCGI it may be what the client has said', () => {
    const hostile = '9.9.9.9 - "\u001b[2J\n1.2.3.4';
    const given = { connection: { ...TCP, remoteAddress: hostile }, head: head('/', [], 'HTTP/1.1" 200\n5') };
    const who = String.raw`9.9.9.9\x20-\x20\"\x1b[2J\x0a1.2.3.4 - - [`;
    const asked = String.raw`"GET / HTTP/1.1\" 200\x0a5" 200 13`;
    for (const format of ['common', 'combined', '%(h)s - %(u)s %(t)s "%(r)s" %(s)s %(b)s']) {
      const text = line(format, given);
      assert.ok(text.startsWith(who) && text.includes(asked), text);
      assert.match(text, /^[\x20-\x7e]+$/);
    }
    assert.equal(line('%(h)s %(H)s', given), String.raw`9.9.9.9\x20-\x20\"\x1b[2J\x0a1.2.3.4 HTTP/1.1\" 200\x0a5`);
  });
});

function app(environ: { PATH_INFO: string }, start: (status: string, headers: []) => void): Uint8Array[] {
  if (environ.PATH_INFO === '/throw') throw new Error('nope');
  start('200 OK', []);
  return [Buffer.from('hello'), Buffer.from('!')];
}

/** What a server of one thread logs of these requests. */
async function logged(request: string, log: object, options: object = {}): Promise<string> {
  await using server = await createHttpServer(app as never, { errorLog: () => undefined, log: log as never, ...options });
  const { port } = (await server.listen('127.0.0.1:0')) as { port: number };
  await using client = await RawClient.connect(port);
  await client.send(request);
  const text = await client.untilEnd();
  return text;
}

const CLOSE = 'Host: a\r\nConnection: close\r\n';

describe('a server with an access log', () => {
  const FORMAT = { accessLogFormat: '%(m)s %(U)s %(s)s %(B)s %(id)s' };
  const CASES: readonly (readonly [what: string, request: string, line: RegExp])[] = [
    ['an answer', `GET /a HTTP/1.1\r\n${CLOSE}X-Request-Id: from.proxy-1\r\n\r\n`, /^GET \/a 200 6 from\.proxy-1$/],
    ['an answer without a body', `HEAD /a HTTP/1.1\r\n${CLOSE}\r\n`, /^HEAD \/a 200 0 [0-9a-f]{12}-[0-9a-z]+$/],
    ['an app that fails', `GET /throw HTTP/1.1\r\n${CLOSE}\r\n`, /^GET \/throw 500 26 \S+$/],
    ['an app that fails without a body', `HEAD /throw HTTP/1.1\r\n${CLOSE}\r\n`, /^HEAD \/throw 500 0 \S+$/],
    ['what is no request', 'GET / HTTP/1.1\r\nHost a\r\n\r\n', /^- - 400 \d\d \S+$/],
    ['what is asked in vain', `GET /a HTTP/1.1\r\n${CLOSE}Expect: tea\r\n\r\n`, /^GET \/a 417 \d\d \S+$/],
    ['a body that is too large', `PUT /a HTTP/1.1\r\n${CLOSE}Content-Length: 99999999999\r\n\r\n`, /^PUT \/a 413 \d\d \S+$/],
    ['an id that is not sane', `GET /a HTTP/1.1\r\n${CLOSE}X-Request-Id: a"b\r\n\r\n`, /^GET \/a 200 6 [0-9a-f]{12}-\S+$/],
    ['two ids', `GET /a HTTP/1.1\r\n${CLOSE}X-Request-Id: a\r\nX-Request-Id: b\r\n\r\n`, /^GET \/a 200 6 [0-9a-f]{12}-\S+$/],
  ];
  for (const [what, request, expected] of CASES) {
    it(`tells of ${what}`, async () => {
      const lines: string[] = [];
      const answer = await logged(request, { write: (text: string) => lines.push(text) }, FORMAT);
      assert.equal(lines.length, 1);
      assert.equal(lines[0]!.split(' ')[3], String(answer.slice(answer.indexOf('\r\n\r\n') + 4).length), answer);
      assert.match(lines[0]!, /\n$/);
      assert.match(lines[0]!.trimEnd(), expected);
    });
  }

  it('gives a logger its lines without their ends, at INFO', async () => {
    const lines: unknown[] = [];
    await logged(CASES[0]![1], { log: (level: number, message: string) => lines.push([level, message]) }, FORMAT);
    assert.deepEqual(lines, [[20, 'GET /a 200 6 from.proxy-1']]);
  });

  it('gives a logger of Node its lines by info', async () => {
    const lines: string[] = [];
    await logged(CASES[0]![1], { info: (message: string) => lines.push(message) }, FORMAT);
    assert.deepEqual(lines, ['GET /a 200 6 from.proxy-1']);
  });
});

describe('LoggingLogAdapter', () => {
  it('makes a stream of a logger, as gevent has it', () => {
    const said: unknown[] = [];
    const adapter = new LoggingLogAdapter({ log: (level, message) => said.push([level, message]) }, 40);
    adapter.write('one\n');
    adapter.writelines(['two\n\n', 'three']);
    adapter.flush();
    assert.deepEqual(said, [
      [40, 'one'],
      [40, 'two\n'],
      [40, 'three'],
    ]);
  });
});
