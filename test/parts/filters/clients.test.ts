// Who the client is, where proxies stand in front, and who is let in.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { filtered, showing } from '../../support/filtered.ts';
import { siteOf, type Site } from '../../support/parts.ts';

const TIMEOUT = { timeout: 240_000 };
const SEEN = ['REMOTE_ADDR', 'wsgi.url_scheme', 'HTTP_HOST', 'SERVER_PORT'];

async function shown(site: Site, target = '/', lines: readonly string[] = []): Promise<unknown[]> {
  return JSON.parse((await site.ask(target, lines)).body) as unknown[];
}

/** What is asked comes by a unix socket, which is trusted unless it says otherwise, and has no address. */
function proxied(...lines: readonly string[]): Promise<Site> {
  return filtered('proxy_headers', lines, showing(...SEEN));
}

describe('proxy_headers', TIMEOUT, () => {
  interface Case {
    readonly says: readonly string[];
    readonly address: string;
    readonly scheme?: string;
    readonly host?: string;
    readonly port?: string;
  }
  const X: Readonly<Record<string, Case>> = {
    'one proxy': { says: ['X-Forwarded-For: 192.0.2.7'], address: '192.0.2.7' },
    'a client that says something itself': { says: ['X-Forwarded-For: 203.0.113.9, 192.0.2.7'], address: '192.0.2.7' },
    'two proxies that are trusted': { says: ['X-Forwarded-For: 192.0.2.7, 10.1.1.1'], address: '192.0.2.7' },
    'in two lines': { says: ['X-Forwarded-For: 203.0.113.9', 'X-Forwarded-For: 192.0.2.7'], address: '192.0.2.7' },
    'with a port': { says: ['X-Forwarded-For: 192.0.2.7:4711'], address: '192.0.2.7' },
    IPv6: { says: ['X-Forwarded-For: [2001:db8::7]:4711'], address: '2001:db8::7' },
    'IPv6 with a zone': { says: ['X-Forwarded-For: fe80::1%eth0'], address: '' },
    'what is no address': { says: ['X-Forwarded-For: 192.0.2.7, unknown'], address: '' },
    'an address with too much': { says: ['X-Forwarded-For: 192.0.2.7 evil'], address: '' },
    'an octal address': { says: ['X-Forwarded-For: 0177.0.0.1'], address: '' },
    nothing: { says: ['X-Forwarded-For:'], address: '' },
    commas: { says: [`X-Forwarded-For: ${','.repeat(500)}`], address: '' },
    https: { says: ['X-Forwarded-Proto: https'], address: '', scheme: 'https', port: '443' },
    'a scheme that there is not': { says: ['X-Forwarded-Proto: javascript'], address: '' },
    'a scheme and a port': {
      says: ['X-Forwarded-For: 192.0.2.7', 'X-Forwarded-Proto: https', 'X-Forwarded-Port: 8443'],
      address: '192.0.2.7',
      scheme: 'https',
      port: '8443',
    },
    'a port that is none': { says: ['X-Forwarded-Port: 99999'], address: '' },
    'a host': { says: ['X-Forwarded-Host: www.example.com:81'], address: '', host: 'www.example.com:81', port: '81' },
    'a host with a path': { says: ['X-Forwarded-Host: evil.example/x'], address: '' },
    'a host with a userinfo': { says: ['X-Forwarded-Host: a@evil.example'], address: '' },
    'the other header': { says: ['Forwarded: for=192.0.2.7;proto=https'], address: '' },
  };
  const FORWARDED: Readonly<Record<string, Case>> = {
    'one proxy': {
      says: ['Forwarded: for=192.0.2.7;proto=https;host="www.example.com:8443"'],
      address: '192.0.2.7',
      scheme: 'https',
      host: 'www.example.com:8443',
      port: '8443',
    },
    'a client that says something itself': {
      says: ['Forwarded: for=203.0.113.9', 'Forwarded: for=192.0.2.7'],
      address: '192.0.2.7',
    },
    IPv6: { says: ['Forwarded: For="[2001:db8::7]:4711"'], address: '2001:db8::7' },
    'a name that is hidden': { says: ['Forwarded: for=192.0.2.7, for=_hidden'], address: '' },
    'a comma in quotes': { says: ['Forwarded: for="192.0.2.7, for=1.2.3.4"'], address: '' },
    'a quote that a client has left open': {
      says: ['Forwarded: for="10.0.0.1', 'Forwarded: for=192.0.2.7'],
      address: '192.0.2.7',
    },
    'the same with a backslash': { says: ['Forwarded: for="a\\', 'Forwarded: for="[2001:db8::7]"'], address: '2001:db8::7' },
    'a quote in quotes': { says: ['Forwarded: for=203.0.113.9, by="a\\",b";for=192.0.2.7'], address: '192.0.2.7' },
    'an end of a quote that is missing': { says: ['Forwarded: for=192.0.2.7, for="10.0.0.1'], address: '' },
    'one name twice': { says: ['Forwarded: for=192.0.2.7;for=192.0.2.8'], address: '' },
    'the other header': { says: ['X-Forwarded-For: 192.0.2.7'], address: '' },
  };
  for (const [header, cases] of [
    ['x-forwarded', X],
    ['forwarded', FORWARDED],
  ] as const) {
    for (const [what, { says, address, scheme = 'http', host = 'example.test', port }] of Object.entries(cases)) {
      it(`reads ${header}: ${what}`, async () => {
        await using site = await proxied(`header = ${header}`, 'trusted = unix 10.0.0.0/8', 'believe = for, proto, host, port');
        const [seenAddress, seenScheme, seenHost, seenPort] = await shown(site, '/', says);
        assert.deepEqual([seenAddress, seenScheme, seenHost], [address, scheme, host]);
        if (port !== undefined) assert.equal(seenPort, port);
      });
    }
  }

  it('believes what proxies write of themselves: the host and the port only when it is told so', async () => {
    const says = [
      'X-Forwarded-For: 192.0.2.7',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: evil.test',
      'X-Forwarded-Port: 81',
    ];
    const keys = ['HTTP_X_FORWARDED_PROTO', 'HTTP_X_FORWARDED_HOST', 'HTTP_X_FORWARDED_PORT'];
    const told = async (...lines: readonly string[]): Promise<unknown[]> => {
      await using site = await filtered('proxy_headers', lines, showing(...SEEN, ...keys));
      return await shown(site, '/', says);
    };
    assert.deepEqual(await told(), ['192.0.2.7', 'https', 'example.test', '443', 'https', null, null]);
    assert.deepEqual(await told('believe = for'), ['192.0.2.7', 'http', 'example.test', '80', null, null, null]);
    assert.deepEqual(await told('believe = host port'), ['', 'http', 'evil.test', '81', null, 'evil.test', '81']);
    await assert.rejects(told('believe = for server'), /believe.*some of for, proto, host and port/);
    await using forwarded = await proxied('header = forwarded');
    assert.deepEqual(await shown(forwarded, '/', ['Forwarded: for=192.0.2.7;host=www.example.com']), [
      '192.0.2.7',
      'http',
      'www.example.com',
      '80',
    ]);
  });

  it('believes nobody who is not trusted, and takes away what they say', async () => {
    await using site = await filtered(
      'proxy_headers',
      ['trusted = 10.0.0.0/8'],
      showing('REMOTE_ADDR', 'wsgi.url_scheme', 'HTTP_X_FORWARDED_FOR', 'HTTP_FORWARDED', 'HTTP_X_FORWARDED_PROTO'),
    );
    const says = ['X-Forwarded-For: 192.0.2.7', 'X-Forwarded-Proto: https', 'Forwarded: for=192.0.2.7'];
    assert.deepEqual(await shown(site, '/', says), ['', 'http', null, null, null]);
  });

  it('tells a fetch app and a node app too', async () => {
    const lines = ['X-Forwarded-For: 192.0.2.7', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: www.example.com'];
    const apps = {
      fetch: `export const make = () => ({ fetch: (request, context) => new Response(context.remoteAddress + ' ' + request.url) });`,
      node: `export const make = () => (req, res) => res.end(req.socket.remoteAddress + ' https://' + req.headers.host + req.url);`,
    };
    for (const app of Object.values(apps)) {
      await using site = await filtered('proxy_headers', ['believe = for proto host'], app);
      assert.equal((await site.ask('/a?b', lines)).body, '192.0.2.7 https://www.example.com/a?b');
    }
  });

  it('says what is no address at its line', async () => {
    await assert.rejects(proxied('trusted = localhost'), (error: Error) => {
      assert.match(error.message, /^trusted.*addresses or networks such as 192\.0\.2\.7 or 10\.0\.0\.0\/8, or unix/);
      assert.equal((error as { at?: { line: number } }).at?.line, 6);
      return true;
    });
  });
});

const below = (...lines: readonly string[]): Promise<Site> =>
  filtered('prefix', ['prefix = /blog/', ...lines], showing('SCRIPT_NAME', 'PATH_INFO', ...SEEN));

describe('prefix', TIMEOUT, () => {
  const PATHS = { '/blog/a': ['/blog', '/a'], '/blog': ['/blog', ''], '/a': ['/blog', '/a'], '/blogs': ['/blog', '/blogs'] };

  for (const [target, expected] of Object.entries(PATHS)) {
    it(`puts ${target} below it`, async () => {
      await using site = await below();
      assert.deepEqual((await shown(site, target)).slice(0, 2), expected);
    });
  }

  it('gives a node app the whole address, as it was sent', async () => {
    const app = `export const make = () => (req, res) => res.end(req.originalUrl + ' ' + req.url);`;
    await using site = await filtered('prefix', ['prefix = /blog'], app);
    assert.equal((await site.ask('/blog/a%2Fb?c')).body, '/blog/a%2Fb?c /a%2Fb?c');
    assert.equal((await site.ask('/a%2Fb?c')).body, '/blog/a%2Fb?c /a%2Fb?c');
  });

  it('believes a trusted proxy, as PasteDeploy believes everybody', async () => {
    const says = ['X-Forwarded-For: 192.0.2.7', 'X-Forwarded-Host: www.example.com', 'X-Forwarded-Scheme: https'];
    await using trusting = await below();
    assert.deepEqual((await shown(trusting, '/', says)).slice(2), ['192.0.2.7', 'https', 'example.test', '443']);
    await using told = await below('believe = for proto host port');
    assert.deepEqual((await shown(told, '/', says)).slice(2), ['192.0.2.7', 'https', 'www.example.com', '443']);
    const byServer = ['X-Forwarded-Server: www.example.com', 'X-Forwarded-Port: 8443'];
    assert.deepEqual((await shown(told, '/', byServer)).slice(2), ['', 'http', 'www.example.com', '8443']);
    await using wary = await below('trusted = 10.0.0.1');
    assert.deepEqual((await shown(wary, '/', says)).slice(2, 5), ['', 'http', 'example.test']);
    await using deaf = await below('translate_forwarded_server = false');
    assert.deepEqual((await shown(deaf, '/', says)).slice(2, 5), ['', 'http', 'example.test']);
  });

  it('forces a port and a scheme', async () => {
    await using site = await below('force_port = 8443', 'scheme = https');
    assert.deepEqual((await shown(site, '/')).slice(3), ['https', 'example.test:8443', '8443']);
    await using usual = await below('force_port = 443', 'scheme = https');
    assert.deepEqual((await shown(usual, '/')).slice(3), ['https', 'example.test', '443']);
  });
});

describe('ip_allow', TIMEOUT, () => {
  const CASES: readonly (readonly [lines: readonly string[], status: number])[] = [
    [[], 200],
    [['allow = 127.0.0.0/8'], 403],
    [['allow = 0.0.0.0/0 unix', 'deny = unix'], 403],
  ];
  /** As `proxy_headers` has it from a proxy. */
  const ADDRESSES: Readonly<Record<string, number>> = {
    '192.0.2.7': 200,
    '192.0.2.1': 403,
    '192.0.3.1': 403,
    '::ffff:192.0.2.7': 200,
    '2001:db8::9': 200,
    '2001:db9::9': 403,
  };

  for (const [address, status] of Object.entries(ADDRESSES)) {
    it(`answers ${address} with ${status}`, async () => {
      const ini = [
        '[pipeline:main]',
        'pipeline = proxied allowed app',
        '[filter:proxied]',
        'use = @appserve/parts#proxy_headers',
        '[filter:allowed]',
        'use = @appserve/parts#ip_allow',
        'allow = 192.0.2.0/24 2001:db8::/32',
        'deny = 192.0.2.1',
        '[app:app]',
        'use = @appserve/parts#test',
        '',
      ];
      await using site = await siteOf(ini);
      assert.equal((await site.ask('/', [`X-Forwarded-For: ${address}`])).status, status);
    });
  }

  for (const [lines, status] of CASES) {
    it(`answers with ${status} to ${lines.join(', ') || 'its defaults'}`, async () => {
      await using site = await filtered('ip_allow', lines, showing());
      assert.equal((await site.ask('/')).status, status);
    });
  }
});

describe('rate_limit', TIMEOUT, () => {
  it('lets so many through, and says when to come back', async () => {
    await using site = await filtered('rate_limit', ['requests = 2', 'per = 1h'], showing());
    const statuses = [await site.ask('/'), await site.ask('/'), await site.ask('/')];
    assert.deepEqual(
      statuses.map(({ status }) => status),
      [200, 200, 429],
    );
    const [wait] = statuses[2]!.fields.get('retry-after') ?? [];
    assert.ok(Number(wait) > 1_700 && Number(wait) <= 1_800, wait);
  });

  const NETWORKS: readonly (readonly [one: string, other: string, isSame: boolean])[] = [
    ['2001:db8::7', '2001:db8:0:0:ffff::1', true],
    ['2001:db8::7', '2001:DB8:0000::8', true],
    ['2001:db8::7', '2001:db8:0:1::7', false],
    ['::1', '::', true],
    ['2001:db8::192.0.2.1', '2001:db8::192.0.2.2', true],
    ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4::', true],
    ['::ffff:192.0.2.1', '192.0.2.1', true],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ];
  for (const [one, other, isSame] of NETWORKS) {
    it(`takes ${one} and ${other} for ${isSame ? 'one client' : 'two'}`, async () => {
      const ini = [
        '[pipeline:main]',
        'pipeline = proxied limited app',
        '[filter:proxied]',
        'use = @appserve/parts#proxy_headers',
        '[filter:limited]',
        'use = @appserve/parts#rate_limit',
        'requests = 1',
        'per = 1h',
        '[app:app]',
        'use = @appserve/parts#test',
        '',
      ];
      await using site = await siteOf(ini);
      assert.equal((await site.ask('/', [`X-Forwarded-For: [${one}]`.replace(/\[([0-9.]+)\]/, '$1')])).status, 200);
      const { status } = await site.ask('/', [`X-Forwarded-For: [${other}]`.replace(/\[([0-9.]+)\]/, '$1')]);
      assert.equal(status, isSame ? 429 : 200);
    });
  }

  it('tells clients apart by a header, where it is there', async () => {
    await using site = await filtered('rate_limit', ['requests = 1', 'per = 1h', 'header = X-Api-Key'], showing());
    const status = async (lines: readonly string[]): Promise<number> => (await site.ask('/', lines)).status;
    assert.equal(await status(['X-Api-Key: a']), 200);
    assert.equal(await status(['X-Api-Key: a']), 429);
    assert.equal(await status(['X-Api-Key: b']), 200);
    assert.equal(await status([]), 200);
    assert.equal(await status([]), 429);
  });
});
