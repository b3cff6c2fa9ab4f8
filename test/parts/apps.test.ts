// The small apps: a CGI program, what a request looks like, whether a worker is there, elsewhere, and the same for everybody.

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { toGateway, type App, type GatewayApp } from '@appserve/core/app';
import type { Heard } from '../support/answers-of.ts';
import { eventually } from '../support/eventually.ts';
import { faultOf } from '../support/faults.ts';
import { siteOf, type Site } from '../support/parts.ts';

const TIMEOUT = { timeout: 240_000 };

function program(body: string, ...lines: readonly string[]): Promise<Site> {
  const ini = ['[app:main]', 'use = egg:Paste#cgi', 'script = bin/program.sh', ...lines];
  return siteOf(ini, { listen: 'tcp', files: { 'bin/program.sh': `#!/bin/sh\n${body}\n`, 'bin/beside.txt': 'beside' } });
}

const HEAD = 'printf "Content-Type: text/plain\\n\\n"';

describe('a CGI program', TIMEOUT, () => {
  it('has the request in its environment, and runs where it stands', async () => {
    await using site = await program(
      `${HEAD}; echo "$REQUEST_METHOD $SCRIPT_NAME$PATH_INFO $QUERY_STRING $HTTP_X_ONE $SERVER_PROTOCOL $GATEWAY_INTERFACE $*"; cat beside.txt`,
      'args = one two',
    );
    const answer = await site.ask('/a%20b?c=d', ['X-One: 1']);
    assert.deepEqual([answer.status, answer.body], [200, 'GET /a b c=d 1 HTTP/1.1 CGI/1.1 one two\nbeside']);
    assert.equal((await site.ask('/caf%C3%A9')).body.slice(0, 10), Buffer.from('GET /café').toString('latin1'));
  });

  it('has the body in its input, and says status and fields', async () => {
    await using site = await program('printf "Status: 201 Made\\nX-Length: $CONTENT_LENGTH\\n\\n"; cat');
    const body = 'x'.repeat(200_000);
    const answer = await site.ask('/', [], { method: 'POST', body });
    assert.deepEqual([answer.status, answer.reason, answer.fields.get('x-length')], [201, 'Made', ['200000']]);
    assert.equal(answer.body, body);
  });

  it('need not read its input', async () => {
    await using site = await program(`${HEAD}; echo done`);
    assert.equal((await site.ask('/', [], { method: 'POST', body: 'x'.repeat(500_000) })).body, 'done\n');
  });

  it('that reads slowly is waited for again and again, and no listener stays', async () => {
    const warned: Error[] = [];
    const warn = (warning: Error): unknown => warned.push(warning);
    process.on('warning', warn);
    const slowly = 'for n in $(seq 40); do dd bs=65536 count=1 2>/dev/null; sleep 0.01; done';
    await using site = await program(`${HEAD}; { ${slowly}; cat; } | wc -c`);
    const { body } = await site.ask('/', [], { method: 'POST', body: 'x'.repeat(8_000_000) });
    process.off('warning', warn);
    assert.deepEqual([body.trim(), warned], ['8000000', []]);
  });

  it('is not told the environment of the server, unless it shall', async () => {
    process.env['APPSERVE_TEST_SECRET'] = 'hush';
    const show = `${HEAD}; echo "[$APPSERVE_TEST_SECRET] \${PATH:+has a path}"`;
    await using without = await program(show);
    assert.equal((await without.ask('/')).body, '[] has a path\n');
    await using withAll = await program(show, 'include_os_environ = yes');
    assert.equal((await withAll.ask('/')).body, '[hush] has a path\n');
    delete process.env['APPSERVE_TEST_SECRET'];
  });

  it('is not led by a field to another proxy (CVE-2016-5385)', async () => {
    await using site = await program(`${HEAD}; echo "[$HTTP_PROXY]"`);
    assert.equal((await site.ask('/', ['Proxy: http://evil.test'])).body, '[]\n');
  });

  it('is told the whole target, below a mount too', async () => {
    const lines = ['[composite:main]', 'use = @appserve/parts#urlmap', '/ = cgi', '/cgi-bin = cgi'];
    const files = { 'program.sh': `#!/bin/sh\n${HEAD}; echo "$REQUEST_URI $RAW_URI $SCRIPT_NAME|$PATH_INFO"` };
    const cgi = ['[app:cgi]', 'use = @appserve/parts#cgi', 'script = program.sh'];
    await using site = await siteOf([...lines, ...cgi], { files });
    for (const [target, places] of [
      ['/cgi-bin/a%2Fb?c=d', '/cgi-bin|/a/b'],
      ['/cgi-bin', '/cgi-bin|'],
      ['/cgi-bin?c', '/cgi-bin|'],
      ['/x', '|/x'],
    ])
      assert.equal((await site.ask(target!)).body, `${target} ${target} ${places}\n`);
  });

  it('is not given what its client authenticates with, unless it shall, but who that is', async () => {
    const show = `${HEAD}; echo "[$HTTP_AUTHORIZATION] $REMOTE_USER"`;
    const users = 'ada:$2b$04$5y04DyFy3xyLWm8Dz6m79.F5AfUYndr.v4tlw5ZXZDRmL7dMeuSaO';
    const credentials = `Basic ${Buffer.from('ada:lovelace').toString('base64')}`;
    for (const [line, shown] of [
      ['', '[] ada\n'],
      ['pass_authorization = true', `[${credentials}] ada\n`],
    ] as const) {
      const lines = ['[app:main]', 'use = @appserve/parts#cgi', 'script = program.sh', line, 'filter-with = members'];
      const members = ['[filter:members]', 'use = @appserve/parts#auth_basic', 'users_file = users'];
      await using site = await siteOf([...lines, ...members], { files: { users, 'program.sh': `#!/bin/sh\n${show}\n` } });
      assert.equal((await site.ask('/', [`Authorization: ${credentials}`])).body, shown);
    }
  });

  it('cannot be given a NUL', async () => {
    await using site = await program(`${HEAD}; echo ran`);
    assert.equal((await site.ask('/a%00b')).status, 400);
  });

  for (const [what, body, ...lines] of [
    ['ends without an answer', 'exit 0'],
    ['fails', 'exit 3'],
    ['ends within its head', 'printf "Content-Type: text/plain\\n"'],
    ['speaks no CGI', 'echo "<html>"; echo'],
    ['says a status that is none', 'printf "Status: many\\n\\n"'],
    ['is killed', 'kill -9 $$'],
  ] as const) {
    it(`that ${what} is a 500`, async () => {
      await using site = await program(body, ...lines);
      assert.equal((await site.ask('/')).status, 500);
    });
  }

  it('that is killed within its body has the connection cut', async () => {
    await using site = await program(`${HEAD}; echo half; kill -9 $$`);
    const { status, isWhole } = await site.ask('/');
    assert.deepEqual([status, isWhole], [200, false]);
  });

  it('that fails behind its answer has answered', async () => {
    await using site = await program(`${HEAD}; echo all; exit 1`);
    const { body, isWhole } = await site.ask('/');
    assert.deepEqual([body, isWhole], ['all\n', true]);
    await eventually('it is told', () => site.server.log.some(({ message }) => message.includes('exit code 1')));
  });

  it('complains in the log', async () => {
    await using site = await program(`echo "something is odd" >&2; ${HEAD}`);
    assert.equal((await site.ask('/')).status, 200);
    await eventually('it is told', () => site.server.log.some(({ message }) => message.includes('something is odd')));
  });

  it('that takes too long is killed: 504', async () => {
    await using site = await program('sleep 60', 'timeout = 50ms');
    assert.equal((await site.ask('/')).status, 504);
  });

  it('is killed when its client leaves', async () => {
    await using site = await program(`echo $$ > pid; ${HEAD}; echo here; exec sleep 60`);
    const client = await site.server.client();
    await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.until((text) => text.includes('here'));
    const pid = Number(readFileSync(`${site.folder}/bin/pid`, 'utf8'));
    client.reset();
    await eventually('the program is gone', () => !isRunning(pid));
  });

  it('runs no more often than it may', async () => {
    await using site = await program(`${HEAD}; echo here; cat > /dev/null`, 'processes = 1');
    const client = await site.server.client();
    await client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx');
    await client.until((text) => text.includes('here'));
    assert.equal((await site.ask('/')).status, 503);
    await client.send('y');
    await client.until((text) => text.endsWith('0\r\n\r\n'));
    assert.equal((await site.ask('/')).status, 200);
    await client[Symbol.asyncDispose]();
  });

  for (const script of ['bin/nowhere.sh', 'bin/beside.txt'])
    it(`is not ${script}`, async () => {
      const fault = await faultOf(
        siteOf(['[app:main]', 'use = @appserve/parts#cgi', `script = ${script}`], { files: { 'bin/beside.txt': '' } }),
      );
      assert.deepEqual([fault.code, fault.at?.line], ['OPTION_INVALID', 3]);
    });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function debug(...lines: readonly string[]): Promise<Site> {
  const globals = [
    '[DEFAULT]',
    'city = Bologna',
    'db_password = hush1',
    'db_pwd = hush12',
    'sentry_dsn = hush13',
    'database = postgres://hush14:hush@15@db.test/shop?password=hush16&x=1',
    'other = host=db.test password=hush21 dbname=shop',
  ];
  return siteOf([...globals, '[app:main]', 'use = @appserve/parts#debug', ...lines], { listen: 'tcp' });
}

/** The answer to a client of that address. */
async function from(address: string, ...lines: readonly string[]): Promise<Heard> {
  const convert = (app: App): GatewayApp => {
    const gateway = toGateway(app);
    return (environ, startResponse) => gateway(Object.assign(environ, { REMOTE_ADDR: address }), startResponse);
  };
  await using site = await siteOf(['[app:main]', 'use = @appserve/parts#debug', ...lines], { convert });
  return await site.ask('/');
}

describe('what a request looks like', TIMEOUT, () => {
  const FIELDS = [
    'Authorization: Basic hush2',
    'Cookie: sid=hush3',
    'X-Api-Key: hush4',
    'X-CSRF-Token: hush5',
    'X-Session-Id: hush6',
    'Proxy-Authorization: hush7',
    'X-Customer: hush8',
    'Referer: http://a/?access_token=hush9&x=1',
    'X-Url: http://hush17:hush18@h.test/?page=3',
    'X-Callback: see https://hush19@h.test/cb',
    'X-Link: http://h.test/?api_key=hush20',
    'X-Seen: <script>alert(1)</script>',
  ];

  it('is shown, but no secret of it', async () => {
    await using site = await debug('mask = customer');
    const answer = await site.ask('/a%20b?page=2&pass%77ord=hush10&token=hush11', FIELDS);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.fields.get('content-type'), ['text/plain; charset=utf-8'], 'and is no page');
    for (const wanted of [
      'PATH_INFO = "/a b"',
      'city = "Bologna"',
      'page=2',
      'x=1',
      '<script>alert(1)</script>',
      'HTTP_COOKIE = ********',
      'http://********@h.test/?page=3',
      'other = "host=db.test password=******** dbname=shop"',
      'postgres://********@db.test/shop?password=********&x=1',
      'wsgi.url_scheme = "http"',
    ])
      assert.ok(answer.body.includes(wanted), wanted);
    assert.doesNotMatch(answer.body, /hush/);
  });

  it('is shown to those who may see it', async () => {
    for (const address of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1', ''])
      assert.equal((await from(address)).status, 200, address);
    for (const address of ['192.0.2.7', '::2', '::ffff:192.0.2.7', 'unknown', '127.0.0.1.evil.test'])
      assert.equal((await from(address)).status, 403, address);
    const allow = 'allow = 192.0.2.0/24 2001:db8::/32';
    for (const address of ['192.0.2.255', '2001:db8::7']) assert.equal((await from(address, allow)).status, 200, address);
    for (const address of ['192.0.3.1', '127.0.0.1', '2001:db9::7'])
      assert.equal((await from(address, allow)).status, 403, address);
    for (const [allowed, status] of [
      ['127.0.0.1', 403],
      ['unix', 200],
      ['10.0.0.0/8, unix', 200],
    ] as const)
      assert.equal((await from('', `allow = ${allowed}`)).status, status, `a client on a unix socket where ${allowed} may`);
  });

  for (const allow of ['everybody', '10.0.0.0/33', '10.0.0', '::/129', '10.0.0.0/-1', '10.0.0.1/'])
    it(`is not for allow = ${allow}`, async () => {
      const fault = await faultOf(debug(`allow = ${allow}`));
      assert.deepEqual([fault.code, fault.at?.line], ['OPTION_INVALID', 10]);
    });
});

describe('health', TIMEOUT, () => {
  it('is 503 while there is a file that says so', async () => {
    await using site = await siteOf(['[app:main]', 'use = @appserve/parts#health', 'down_file = down']);
    assert.equal((await site.ask('/')).status, 200);
    writeFileSync(`${site.folder}/down`, '');
    assert.equal((await site.ask('/')).status, 503);
    rmSync(`${site.folder}/down`);
    const answer = await site.ask('/');
    assert.deepEqual([answer.status, answer.body, answer.fields.get('cache-control')], [200, '200 OK\n', ['no-store']]);
  });

  it('is only asked', async () => {
    await using site = await siteOf(['[app:main]', 'use = @appserve/parts#health']);
    assert.equal((await site.ask('/', [], { method: 'POST' })).status, 405);
    assert.equal((await site.ask('/', [], { method: 'HEAD' })).body, '');
  });
});

describe('a redirect', TIMEOUT, () => {
  const TO = 'https://www.example.com';
  for (const [target, location] of [
    ['/', `${TO}/`],
    ['/a%20b/%C3%A9?c=%20d', `${TO}/a%20b/%C3%A9?c=%20d`],
    ['//evil.test/', `${TO}//evil.test/`],
    ['http://example.test/a?b', `${TO}/a?b`],
    ['/@evil.test', `${TO}/@evil.test`],
  ] as const)
    it(`of ${target} leads to ${location}`, async () => {
      await using site = await siteOf(['[app:main]', 'use = @appserve/parts#redirect', `to = ${TO}`, 'status = 301']);
      const answer = await site.ask(target);
      assert.deepEqual([answer.status, answer.fields.get('location')], [301, [location]]);
    });

  it('of no path leads to the root, and to no other host', async () => {
    await using site = await siteOf(['[app:main]', 'use = @appserve/parts#redirect', `to = ${TO}`]);
    assert.deepEqual((await site.ask('*', [], { method: 'OPTIONS' })).fields.get('location'), [`${TO}/`]);
  });

  it('keeps the path in front of it too', async () => {
    const lines = [
      '[composite:main]',
      'use = @appserve/parts#urlmap',
      '/old = go',
      '[app:go]',
      'use = @appserve/parts#redirect',
      `to = ${TO}`,
    ];
    await using site = await siteOf(lines);
    assert.deepEqual((await site.ask('/old/x%2Fy')).fields.get('location'), [`${TO}/old/x%2Fy`]);
  });

  for (const to of ['www.example.com', 'https://a/b', 'ftp://a', 'https://a?b', 'https://u:p@a', 'javascript:alert(1)'])
    it(`does not lead to ${to}`, async () => {
      const fault = await faultOf(siteOf(['[app:main]', 'use = @appserve/parts#redirect', `to = ${to}`]));
      assert.deepEqual([fault.code, fault.at?.line], ['OPTION_INVALID', 3]);
    });
});

describe('the test app', TIMEOUT, () => {
  it('says what it is told, with a status, and after a while', async () => {
    const lines = [
      '[app:main]',
      'use = @appserve/parts#test',
      'text = Gone fishing',
      'status = 410',
      'content_type = text/x-fish',
      'delay = 30ms',
    ];
    await using site = await siteOf(lines);
    const since = performance.now();
    const answer = await site.ask('/any?where', [], { method: 'POST', body: 'x' });
    assert.ok(performance.now() - since >= 29);
    assert.deepEqual(
      [answer.status, answer.reason, answer.body, answer.fields.get('content-type')],
      [410, 'Gone', 'Gone fishing\n', ['text/x-fish']],
    );
  });

  it('has no content where there is none', async () => {
    await using site = await siteOf(['[app:main]', 'use = @appserve/parts#test', 'status = 204']);
    const answer = await site.ask('/');
    assert.deepEqual([answer.status, answer.body, answer.fields.get('content-type')], [204, '', undefined]);
  });
});
