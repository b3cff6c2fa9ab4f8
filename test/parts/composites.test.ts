// Which app of several a request gets: by path, by host, by status, by weight.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultOf } from '../support/faults.ts';
import { siteOf, type Site } from '../support/parts.ts';

const TIMEOUT = { timeout: 240_000 };

/** Says its name, SCRIPT_NAME and PATH_INFO. */
const FILES = {
  'app.mjs': `
    export const show = (globalConf, { name }) => (environ, startResponse) => {
      startResponse('200 OK', []);
      return [Buffer.from([name, environ.SCRIPT_NAME, environ.PATH_INFO].join('|'), 'latin1')];
    };
    export const says = (globalConf, { status, how = 'array' }) => (environ, startResponse) => HOW[how](status, environ, startResponse);
    const HOW = {
      array: (status, environ, startResponse) => (startResponse(status + ' X', [['X-From', status]]), [Buffer.from(status)]),
      promise: async (...args) => HOW.array(...args),
      async *late(status, environ, startResponse) {
        startResponse(status + ' X', [['X-From', status]]);
        yield Buffer.from(status);
        yield Buffer.from('!');
      },
      write: (status, environ, startResponse) => {
        startResponse(status + ' X', [['X-From', status]])(Buffer.from('written '));
        return [Buffer.from(status)];
      },
      again: (status, environ, startResponse) => {
        startResponse('200 OK', []);
        startResponse(status + ' X', [['X-From', status]], new Error('failed'));
        return [Buffer.from(status)];
      },
      closing: (status, environ, startResponse) => {
        startResponse(status + ' X', [['X-From', status]]);
        return Object.assign([Buffer.from(status)], { close: () => void (globalThis.closed = (globalThis.closed ?? 0) + 1) });
      },
      never: () => [],
      throws: () => { throw new Error('thrown'); },
    };
    export const echo = () => async (environ, startResponse) => {
      const body = await environ['wsgi.input'].read();
      startResponse(environ.QUERY_STRING === 'pass' ? '200 OK' : '404 Not Found', []);
      return [Buffer.from('read ' + body.length)];
    };
  `,
};

function app(name: string, ...lines: readonly string[]): string[] {
  return [`[app:${name}]`, ...lines];
}

const shows = (name: string): string[] => app(name, 'use = ./app.mjs#show', `name = ${name}`);

async function bodies(site: Site, asked: Readonly<Record<string, string>>, lines: readonly string[] = []): Promise<void> {
  for (const [target, body] of Object.entries(asked)) assert.equal((await site.ask(target, lines)).body, body, target);
}

function urlmap(...lines: readonly string[]): string[] {
  return ['[composite:main]', 'use = @appserve/parts#urlmap', ...lines, ...shows('a'), ...shows('b'), ...shows('c')];
}

const NOT_FOUND = '404 Not Found\n';

describe('a urlmap', TIMEOUT, () => {
  it('gives a request to the longest path that it begins with, whole segments only', async () => {
    await using site = await siteOf(urlmap('/ = a', '/blog = b', '/blog/admin/ = c'), { files: FILES });
    await bodies(site, {
      '/': 'a||/',
      '/x/y': 'a||/x/y',
      '/blog': 'b|/blog|',
      '/blog/': 'b|/blog|/',
      '/blog/x': 'b|/blog|/x',
      '/blogs': 'a||/blogs',
      '/blog/administrator': 'b|/blog|/administrator',
      '/blog/admin': 'c|/blog/admin|',
      '/blog/admin/x': 'c|/blog/admin|/x',
      '/BLOG': 'a||/BLOG',
    });
  });

  it('takes several slashes for one, and percent-encoding for what it means', async () => {
    await using site = await siteOf(urlmap('/ = a', '/blog = b', '/caf\u00e9 = c'), { files: FILES });
    await bodies(site, {
      '//blog//x': 'b|/blog|/x',
      '/%62log/x': 'b|/blog|/x',
      '/blog%2Fx': 'b|/blog|/x',
      '/../blog': 'a||/../blog',
      [`${'/'.repeat(4_000)}blog`]: 'b|/blog|',
    });
    const cafe = Buffer.from('c|/caf\u00e9|/x').toString('latin1');
    await bodies(site, { '/caf%C3%A9/x': cafe });
  });

  it('is 404 where nothing stands, and for the asterisk', async () => {
    await using site = await siteOf(urlmap('/blog = b'), { files: FILES });
    await bodies(site, { '/': NOT_FOUND, '/x': NOT_FOUND, '/blogx': NOT_FOUND });
    assert.equal((await site.ask('*', [], { method: 'OPTIONS' })).status, 404);
  });

  it('has an app for the rest: of its own, or of [DEFAULT]', async () => {
    await using own = await siteOf(urlmap('/blog = b', 'not_found_app = c'), { files: FILES });
    await bodies(own, { '/x': 'c||/x', '//x': 'c||//x' });
    await using ofAll = await siteOf(['[DEFAULT]', 'not_found_app = c', ...urlmap('/blog = b')], { files: FILES });
    await bodies(ofAll, { '/x': 'c||/x' });
  });

  for (const [line, meant] of [
    ['blog = b', '/blog'],
    ['blog/new/ = b', '/blog/new/'],
    ['http://a.test/x = b', 'domain a.test /x'],
    ['https://a.test:8443 = b', 'domain a.test port 8443 /'],
    ['not_found_ap = b', 'not_found_app'],
    ['http = b', undefined],
    ['domain a.test domain b.test / = b', undefined],
  ] as const)
    it(`says what was meant by ${line}`, async () => {
      const fault = await faultOf(siteOf(urlmap(line), { files: FILES }));
      assert.deepEqual([fault.code, (fault.details as { nearest?: string }).nearest], ['OPTION_UNKNOWN', meant]);
    });

  it('may stand in another one', async () => {
    const inner = ['[composite:inner]', 'use = egg:Paste#urlmap', '/b = b', '/ = c'];
    await using site = await siteOf([...urlmap('/a = inner', '/ = a'), ...inner], { files: FILES });
    await bodies(site, { '/a/b/x': 'b|/a/b|/x', '/a/x': 'c|/a|/x', '/a': 'c|/a|', '/x': 'a||/x' });
  });

  it('asks a host with its port first, then the host, then all', async () => {
    const lines = ['domain one.test / = a', 'domain one.test port 8080 / = b', '/ = c', 'domain two.test /x = a'];
    await using site = await siteOf(urlmap(...lines), { files: FILES });
    for (const [host, name] of [
      ['one.test', 'a'],
      ['ONE.test', 'a'],
      ['one.test.', 'a'],
      ['one.test:80', 'a'],
      ['one.test:8080', 'b'],
      ['one.test:', 'a'],
      ['two.test', 'c'],
      ['[::1]:8080', 'c'],
      ['', 'c'],
    ] as const)
      assert.equal((await site.ask('/', [`Host: ${host}`])).body, `${name}||/`, host);
    assert.equal((await site.ask('/x', ['Host: two.test'])).body, 'a|/x|');
  });

  for (const [line, code] of [
    ['blog = b', 'OPTION_UNKNOWN'],
    ['domain = b', 'OPTION_UNKNOWN'],
    ['port 80 /x = b', 'OPTION_UNKNOWN'],
    ['domain a_b..c- /x = b', 'OPTION_UNKNOWN'],
    ['domain a.test domain b.test / = b', 'OPTION_UNKNOWN'],
    ['http://a.test/x = b', 'OPTION_UNKNOWN'],
    ['/x/ = b\n/x = c', 'OPTIONS_CONFLICT'],
    ['/x = nowhere', 'SECTION_MISSING'],
    ['not_found_app = nowhere', 'SECTION_MISSING'],
  ] as const) {
    it(`refuses ${line.replaceAll('\n', ', ')}`, async () => {
      const fault = await faultOf(siteOf(urlmap('/ = a', line), { files: FILES }));
      assert.deepEqual([fault.code, fault.at?.file.endsWith('site.ini')], [code, true]);
      assert.ok(fault.at!.line >= 3);
    });
  }
});

function cascade(statuses: readonly string[], ...lines: readonly string[]): string[] {
  const apps = statuses.map((said, index) => {
    const [status, how = 'array'] = said.split(' ');
    return app(`a${index}`, 'use = ./app.mjs#says', `status = ${status}`, `how = ${how}`);
  });
  return [
    '[composite:main]',
    'use = @appserve/parts#cascade',
    ...lines,
    ...statuses.map((_said, index) => `app${index} = a${index}`),
    ...apps.flat(),
  ];
}

describe('a cascade', TIMEOUT, () => {
  for (const [statuses, body] of [
    [['200', '201'], '200'],
    [['404', '201'], '201'],
    [['404', '404', '202'], '202'],
    [['404', '404'], '404'],
    [['500', '200'], '500'],
    [['404 promise', '200 promise'], '200'],
    [['404 late', '200'], '200'],
    [['200 late', '201'], '200!'],
    [['404 late', '404 late', '200 late'], '200!'],
    [['404 write', '200'], '200'],
    [['200 write', '201'], 'written 200'],
    [['404', '200 write'], 'written 200'],
  ] as const) {
    it(`of ${statuses.join(', ')} answers ${body}`, async () => {
      await using site = await siteOf(cascade(statuses), { files: FILES });
      const answer = await site.ask('/');
      assert.equal(answer.body, body);
      assert.deepEqual(answer.fields.get('x-from'), [/[0-9]+/.exec(body)![0]], 'nothing is left of the others');
    });
  }

  it('catches what it is told to', async () => {
    await using site = await siteOf(cascade(['404', '200'], 'catch = 403, 410'), { files: FILES });
    assert.equal((await site.ask('/')).body, '404');
    await using other = await siteOf(cascade(['403', '410', '200'], 'catch = 403 410'), { files: FILES });
    assert.equal((await other.ask('/')).body, '200');
  });

  it('hears an app that changes its mind, as long as it may', async () => {
    await using site = await siteOf(cascade(['404 again', '200']), { files: FILES });
    assert.equal((await site.ask('/')).status, 404, 'what has passed has passed');
  });

  it('closes what it does not take', async () => {
    const counted = globalThis as { closed?: number };
    counted.closed = 0;
    await using site = await siteOf(cascade(['404 closing', '200 closing']), { files: FILES });
    assert.equal((await site.ask('/')).body, '200');
    assert.equal(counted.closed, 2);
  });

  it('does not hide an app that fails', async () => {
    for (const how of ['never', 'throws']) {
      await using site = await siteOf(cascade([`404 ${how}`, '200']), { files: FILES });
      assert.equal((await site.ask('/')).status, 500, how);
    }
  });

  it('asks in the order of numbers', async () => {
    const lines = ['[composite:main]', 'use = egg:Paste#cascade', 'app10 = b', 'app2 = a', ...shows('a'), ...shows('b')];
    await using site = await siteOf(lines, { files: FILES });
    assert.equal((await site.ask('/')).body, 'a||/');
  });

  const ECHO = [
    '[composite:main]',
    'use = @appserve/parts#cascade',
    'body_limit = 1KiB',
    'app1 = e',
    'app2 = e',
    '[app:e]',
    'use = ./app.mjs#echo',
  ];

  it('gives each app the body from its beginning', async () => {
    await using site = await siteOf(ECHO, { files: FILES });
    assert.equal((await site.ask('/', [], { method: 'POST', body: 'x'.repeat(1_024) })).body, 'read 1024');
    const chunked =
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n';
    assert.match(await site.say(chunked), /read 5/);
  });

  it('keeps no more of a body than it may', async () => {
    await using site = await siteOf(ECHO, { files: FILES });
    assert.equal((await site.ask('/', [], { method: 'POST', body: 'x'.repeat(1_025) })).status, 413);
  });

  it('keeps nothing of a body that only the last app reads', async () => {
    const lines = ECHO.map((line) => (line === 'app1 = e' ? 'app1 = missing' : line));
    const missing = app('missing', 'use = @appserve/parts#test', 'status = 404');
    await using site = await siteOf([...lines, ...missing], { files: FILES });
    assert.equal((await site.ask('/?pass', [], { method: 'POST', body: 'x'.repeat(100_000) })).body, 'read 100000');
  });

  it('changes nothing of the environ for the next app', async () => {
    const lines = [
      '[composite:main]',
      'use = @appserve/parts#cascade',
      'app1 = map',
      'app2 = a',
      '[composite:map]',
      'use = @appserve/parts#urlmap',
      '/x = missing',
      ...app('missing', 'use = @appserve/parts#test', 'status = 404'),
      ...shows('a'),
    ];
    await using site = await siteOf(lines, { files: FILES });
    assert.equal((await site.ask('/x/y')).body, 'a||/x/y');
  });

  for (const [line, code] of [
    ['catch = 99', 'OPTION_INVALID'],
    ['catch = all', 'OPTION_INVALID'],
    ['catch =', 'OPTION_INVALID'],
    ['first = a0', 'OPTION_UNKNOWN'],
    ['body_limit = much', 'OPTION_INVALID'],
  ] as const) {
    it(`refuses ${line}`, async () => {
      const fault = await faultOf(siteOf(cascade(['200'], line), { files: FILES }));
      assert.deepEqual([fault.code, fault.at?.line], [code, 3]);
    });
  }

  it('needs an app', async () => {
    const fault = await faultOf(siteOf(['[composite:main]', 'use = @appserve/parts#cascade']));
    assert.equal(fault.code, 'OPTION_REQUIRED');
  });
});

describe('hosts', TIMEOUT, () => {
  const lines = [
    '[composite:main]',
    'use = @appserve/parts#hosts',
    'example.test = a',
    '*.example.test = b',
    '*.deep.example.test = c',
    '[[::1] = c'.slice(1),
    ...shows('a'),
    ...shows('b'),
    ...shows('c'),
  ];

  it('are told apart by name, then by the longest domain', async () => {
    await using site = await siteOf(
      lines.filter((line) => !line.startsWith('[::1]')),
      { files: FILES },
    );
    for (const [host, name] of [
      ['example.test', 'a'],
      ['EXAMPLE.TEST:8080', 'a'],
      ['example.test.', 'a'],
      ['x.example.test', 'b'],
      ['x.y.example.test', 'b'],
      ['x.deep.example.test', 'c'],
      ['deep.example.test', 'b'],
    ] as const)
      assert.equal((await site.ask('/', [`Host: ${host}`])).body, `${name}||/`, host);
  });

  it('that nobody has are 421, whatever they are called', async () => {
    await using site = await siteOf(
      lines.filter((line) => !line.startsWith('[::1]')),
      { files: FILES },
    );
    for (const host of [
      'other.test',
      'notexample.test',
      'example.test.evil.test',
      '',
      '*',
      'constructor',
      '__proto__',
      '[::1]',
      '127.0.0.1',
    ])
      assert.equal((await site.ask('/', [`Host: ${host}`])).status, 421, host);
  });

  it('all have the app of the asterisk', async () => {
    await using site = await siteOf([...lines.slice(0, 3), '* = c', ...shows('a'), ...shows('c')], { files: FILES });
    for (const host of ['other.test', '*', 'a.b', '127.0.0.1:80', '[::1]:80'])
      assert.equal((await site.ask('/', [`Host: ${host}`])).body, 'c||/', host);
  });

  for (const [line, code] of [
    ['exa mple.test = a', 'OPTION_UNKNOWN'],
    ['*.*.test = a', 'OPTION_UNKNOWN'],
    ['x*.test = a', 'OPTION_UNKNOWN'],
    ['EXAMPLE.test = a', 'OPTIONS_CONFLICT'],
    ['other.test = nowhere', 'SECTION_MISSING'],
  ] as const) {
    it(`refuse ${line}`, async () => {
      const fault = await faultOf(siteOf([...lines.slice(0, 3), line, ...shows('a')], { files: FILES }));
      assert.deepEqual([fault.code, fault.at?.line], [code, 4]);
    });
  }
});

function canary(...lines: readonly string[]): string[] {
  return ['[composite:main]', 'use = @appserve/parts#canary', ...lines, ...shows('a'), ...shows('b')];
}

/** Of the app that answers. */
async function nameOf(site: Site, ...lines: readonly string[]): Promise<string> {
  return (await site.ask('/', lines)).body.split('|')[0]!;
}

describe('a canary', TIMEOUT, () => {
  it('keeps a client with its app, by a cookie', async () => {
    await using site = await siteOf(canary('a = 1', 'b = 1', 'cookie_max_age = 1h'), { files: FILES });
    const seen = new Set<string>();
    for (let nth = 0; nth < 64; nth += 1) {
      const first = await site.ask('/');
      const [cookie = ''] = first.fields.get('set-cookie') ?? [];
      assert.match(cookie, /^canary=[12]; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/);
      const again = await site.ask('/', [`Cookie: x=y; ${cookie.split(';')[0]}; canary=2`]);
      assert.deepEqual([again.body, again.fields.get('set-cookie')], [first.body, undefined]);
      seen.add(first.body);
    }
    assert.equal(seen.size, 2, 'both are asked: chance has one in 2^63 to say otherwise');
  });

  it('tells caches what the choice was made by', async () => {
    const files = {
      'app.mjs': `export const says = (globalConf, { cache }) => (environ, startResponse) => {
        startResponse('200 OK', cache === undefined ? [] : [['Cache-Control', cache]]);
        return [];
      };`,
    };
    const told = async (by: readonly string[], cache: string, fields: readonly string[] = []): Promise<unknown> => {
      const lines = ['[composite:main]', 'use = @appserve/parts#canary', ...by, 'a = 1', ...app('a', 'use = ./app.mjs#says')];
      await using site = await siteOf(cache === '' ? lines : [...lines, `cache = ${cache}`], { files });
      const heard = await site.ask('/', fields);
      return [heard.fields.get('vary'), heard.fields.get('cache-control'), heard.fields.has('set-cookie')];
    };
    const cookie = 'by = cookie';
    assert.deepEqual(await told([cookie], 'public, max-age=60'), [['Cookie'], ['private, max-age=60'], true]);
    assert.deepEqual(await told([cookie], ''), [['Cookie'], ['private'], true]);
    assert.deepEqual(await told([cookie], 'no-store'), [['Cookie'], ['no-store'], true]);
    assert.deepEqual(await told([cookie], 'no-cache="a, public", s-maxage=9'), [
      ['Cookie'],
      ['private, no-cache="a, public"'],
      true,
    ]);
    assert.deepEqual(await told([cookie], 'public', ['Cookie: canary=1']), [['Cookie'], ['public'], false]);
    const field = ['by = field', 'field = X-User'];
    assert.deepEqual(await told(field, 'public', ['X-User: a']), [['X-User'], ['public'], false]);
    assert.deepEqual(await told(field, 'public'), [['X-User'], ['private'], false]);
    assert.deepEqual(await told(['by = address'], 'max-age=9'), [undefined, ['private, max-age=9'], false]);
  });

  it('gives an app without weight to those alone who have its cookie', async () => {
    await using site = await siteOf(canary('a = 1', 'b = 0'), { files: FILES });
    for (let nth = 0; nth < 16; nth += 1) assert.equal(await nameOf(site), 'a');
    assert.equal(await nameOf(site, 'Cookie: canary=2'), 'b');
    for (const cookie of ['canary=3', 'canary=', 'canary=02', 'canary=__proto__', 'canary', '=2', 'x=canary=2'])
      assert.equal(await nameOf(site, `Cookie: ${cookie}`), 'a', cookie);
  });

  it('splits by a field as the weights are, always in the same way', async () => {
    await using site = await siteOf(canary('by = field', 'field = X-User', 'a = 3', 'b = 1'), { files: FILES });
    const counts: Record<string, number> = { a: 0, b: 0 };
    for (let user = 0; user < 400; user += 1) counts[await nameOf(site, `X-User: user ${user}`)]! += 1;
    // The hash is always the same, and so are the counts: a quarter, within what chance does to 400.
    assert.ok(counts['b']! > 75 && counts['b']! < 125, JSON.stringify(counts));
    assert.equal(await nameOf(site, 'X-User: user 7'), await nameOf(site, 'X-User: user 7'));
    assert.equal((await site.ask('/', ['X-User: x'])).fields.get('set-cookie'), undefined);
  });

  it('splits by address', async () => {
    await using site = await siteOf(canary('by = address', 'a = 1', 'b = 1'), { files: FILES, listen: 'tcp' });
    const name = await nameOf(site);
    for (let nth = 0; nth < 8; nth += 1) assert.equal(await nameOf(site), name);
  });

  for (const [lines, code] of [
    [['a = 0', 'b = 0'], 'OPTION_REQUIRED'],
    [[], 'OPTION_REQUIRED'],
    [['a = -1'], 'OPTION_INVALID'],
    [['a = half'], 'OPTION_INVALID'],
    [['nowhere = 1'], 'SECTION_MISSING'],
    [['by = chance', 'a = 1'], 'OPTION_INVALID'],
    [['cookie = a b;c', 'a = 1'], 'OPTION_INVALID'],
    [['by = field', 'field = X User', 'a = 1'], 'OPTION_INVALID'],
  ] as const) {
    it(`refuses ${lines.join(', ') || 'nothing'}`, async () => {
      assert.equal((await faultOf(siteOf(canary(...lines), { files: FILES }))).code, code);
    });
  }
});
