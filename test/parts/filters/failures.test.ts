// What is answered when an app fails, takes too long, or has an error page of its own.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { eventually } from '../../support/eventually.ts';
import { faultOf } from '../../support/faults.ts';
import { filtered } from '../../support/filtered.ts';
import { siteOf, type Site } from '../../support/parts.ts';

const TIMEOUT = { timeout: 240_000 };

type Fields = readonly (readonly [name: string, value: string])[];

const FAILING = `
export const make = () => (environ, startResponse) => {
  const ok = () => startResponse('200 OK', [['Content-Type', 'text/plain']]);
  const fail = () => { throw new Error('broken <b>here</b>', { cause: new Error('the deep reason') }); };
  const HOW = {
    '/throws': fail,
    '/rejects': async () => fail(),
    '/lazily': function* () { fail(); },
    '/begun': function* () { ok(); yield Buffer.from('begun'); fail(); },
    '/head': () => { ok(); fail(); },
    '/null': () => { throw null; },
    '/fine': () => { ok(); return [Buffer.from('fine')]; },
  };
  return HOW[environ.PATH_INFO]();
};`;

const logOf = (site: Site): string => site.server.log.map(({ message }) => message).join('\n');

const withDebug = (debug: string): string[] => [
  '[DEFAULT]',
  `debug = ${debug}`,
  '[app:main]',
  'use = ./app.mjs#make',
  'filter-with = it',
  '[filter:it]',
  'use = @appserve/parts#error_catcher',
  '',
];

describe('error_catcher', TIMEOUT, () => {
  for (const path of ['/throws', '/rejects', '/lazily', '/head']) {
    it(`answers for an app that fails: ${path}`, async () => {
      await using site = await filtered('error_catcher', [], FAILING);
      const heard = await site.ask(`${path}?token=secret`);
      assert.deepEqual(
        [heard.status, heard.body],
        path === '/head' ? [500, heard.body] : [500, 'The server could not answer this request.\n'],
      );
      assert.match(logOf(site), /broken <b>here<\/b>/);
    });
  }

  it('shows the error and its cause while one develops, as text or as a page', async () => {
    await using site = await filtered('error_catcher', ['debug = true'], FAILING);
    const text = await site.ask('/throws');
    assert.match(text.body, /^Error: broken <b>here<\/b>\n +at .*app\.mjs:\d+[^]*the deep reason/);
    const page = await site.ask('/throws', ['Accept: text/html,*/*']);
    assert.match(page.body, /<pre>Error: broken &lt;b&gt;here&lt;\/b&gt;/);
    assert.deepEqual(page.fields.get('content-type'), ['text/html; charset=utf-8']);
  });

  it('asks [DEFAULT] whether one develops', async () => {
    const files = { 'app.mjs': FAILING };
    await using site = await siteOf(withDebug('yes'), { files });
    assert.match((await site.ask('/throws')).body, /the deep reason/);
    const fault = await faultOf(siteOf(withDebug('perhaps'), { files }));
    assert.match(fault.message, /debug.*perhaps.*true or false/);
  });

  it('breaks off an answer that has begun, and leaves others alone', async () => {
    await using site = await filtered('error_catcher', ['debug = true'], FAILING);
    assert.equal((await site.ask('/begun')).isWhole, false);
    assert.equal((await site.ask('/fine')).body, 'fine');
    assert.equal((await site.ask('/null')).body, 'null\n');
  });
});

describe('error_document', TIMEOUT, () => {
  const APP = `export const make = () => (environ, startResponse) => {
    const path = environ.PATH_INFO;
    const [, status] = /^\\/status\\/(\\d+)/.exec(path) ?? [];
    if (path.startsWith('/errors/bad')) { startResponse('500 Oops', []); return [Buffer.from('worse')]; }
    startResponse(path.startsWith('/errors') ? '200 OK' : (status ?? '200') + ' X', [['Content-Type', 'text/plain'], ['X-Of', path]]);
    return [Buffer.from([environ.REQUEST_METHOD, path, environ.QUERY_STRING, environ['appserve.error_status'], environ['appserve.error_path'], environ.CONTENT_LENGTH].join('|'))];
  };`;
  const shown = (): Promise<Site> => filtered('error_document', ['404 = /errors/lost?x=1', '503 = /errors/bad'], APP);

  it('shows a page of the app, with the status of before', async () => {
    await using site = await shown();
    const heard = await site.ask('/status/404?q', [], { method: 'POST', body: 'said' });
    assert.deepEqual([heard.status, heard.reason, heard.body], [404, 'Not Found', 'GET|/errors/lost|x=1|404|/status/404|']);
    assert.deepEqual(heard.fields.get('x-of'), ['/errors/lost']);
  });

  it('leaves other answers alone', async () => {
    await using site = await shown();
    assert.equal((await site.ask('/status/410?q')).body, 'GET|/status/410|q|||');
    assert.equal((await site.ask('/a')).status, 200);
  });

  it('has a plain answer when the page fails too', async () => {
    await using site = await shown();
    const heard = await site.ask('/status/503');
    assert.deepEqual([heard.status, heard.body], [503, '503 Service Unavailable\n']);
  });

  for (const page of ['/shown', '/bad'])
    it(`keeps the fields that say what a client may do, with ${page}`, async () => {
      const app = `export const make = () => (environ, startResponse) => {
        const path = environ.PATH_INFO;
        const page = [['Content-Type', 'text/html'], ['allow', 'TRACE'], ['Set-Cookie', 'page=1']];
        if (path === '/shown') { startResponse('200 OK', page); return [Buffer.from('page')]; }
        startResponse(path === '/bad' ? '500 X' : '401 X', [
          ['WWW-Authenticate', 'Basic realm="a"'], ['WWW-Authenticate', 'Digest realm="a"'], ['Proxy-Authenticate', 'Basic'],
          ['ALLOW', 'GET'], ['Retry-After', '7'], ['Set-Cookie', 'first=1'], ['X-Of', path], ['Content-Length', '2'], ['ETag', '"a"'],
        ]);
        return [Buffer.from('no')];
      };`;
      await using site = await filtered('error_document', [`401 = ${page}`], app);
      const { status, fields, body } = await site.ask('/');
      const names = ['www-authenticate', 'proxy-authenticate', 'allow', 'retry-after', 'set-cookie', 'x-of', 'etag'];
      assert.deepEqual(
        [status, body, ...names.map((name) => fields.get(name))],
        [
          401,
          page === '/shown' ? 'page' : '401 Unauthorized\n',
          ['Basic realm="a"', 'Digest realm="a"'],
          ['Basic'],
          ['GET'],
          ['7'],
          page === '/shown' ? ['page=1', 'first=1'] : ['first=1'],
          undefined,
          undefined,
        ],
      );
    });

  /** Fields of the error, those of the page, and what goes out: Cache-Control, Expires, Vary, all that the page says of its own bytes. */
  const CACHES: Readonly<Record<string, readonly [error: Fields, page: Fields, said: readonly (string | undefined)[]]>> = {
    'the error says it': [
      [
        ['Cache-Control', 'private, max-age=5'],
        ['Expires', '0'],
        ['Vary', 'Cookie'],
        ['Set-Cookie', 'session=1'],
      ],
      [
        ['Cache-Control', 'max-age=3600'],
        ['Expires', 'Fri, 06 Nov 2093 08:49:37 GMT'],
        ['Vary', 'Accept, cookie'],
      ],
      ['private, max-age=5', '0', 'Accept, cookie'],
    ],
    'the error says it in two fields': [
      [
        ['cache-control', 'no-cache'],
        ['CACHE-CONTROL', 'no-store'],
        ['Vary', 'Cookie, Accept'],
        ['Vary', 'Origin'],
      ],
      [
        ['Cache-Control', 'max-age=31536000, immutable'],
        ['Age', '9'],
        ['Vary', 'accept'],
      ],
      ['no-cache, no-store', undefined, 'accept, Cookie, Origin'],
    ],
    'the error says nothing': [
      [],
      [
        ['Cache-Control', 'max-age=3600, public'],
        ['ETag', '"a"'],
        ['Last-Modified', 'Sun, 06 Nov 1994 08:49:37 GMT'],
        ['Accept-Ranges', 'bytes'],
      ],
      [undefined, undefined, undefined],
    ],
    'the page is of one client': [
      [['Cache-Control', 'public, max-age=60']],
      [['Cache-Control', 'Private, max-age=3600, no-transform']],
      ['max-age=60, Private, no-transform', undefined, undefined],
    ],
    'nobody may keep the page': [
      [['Cache-Control', 'max-age=60']],
      [
        ['Cache-Control', 'no-store'],
        ['Vary', '*'],
      ],
      ['max-age=60, no-store', undefined, '*'],
    ],
  };
  for (const [when, [error, page, said]] of Object.entries(CACHES))
    it(`tells caches of the error, and not of the page, where ${when}`, async () => {
      const app = `export const make = () => (environ, startResponse) => {
        const isPage = environ.PATH_INFO === '/page';
        startResponse(isPage ? '200 OK' : '403 X', isPage ? ${JSON.stringify(page)} : ${JSON.stringify(error)});
        return [Buffer.from('page')];
      };`;
      await using site = await filtered('error_document', ['403 = /page'], app);
      const { status, fields, body } = await site.ask('/');
      assert.deepEqual([status, body], [403, 'page']);
      assert.deepEqual(
        ['cache-control', 'expires', 'vary'].map((name) => fields.get(name)?.join(', ')),
        said,
      );
      for (const name of ['age', 'etag', 'last-modified', 'accept-ranges']) assert.equal(fields.get(name), undefined, name);
    });

  it('has what caches are told of the error beside a plain answer too', async () => {
    const app = `export const make = () => (environ, startResponse) => {
      startResponse('503 X', [['Cache-Control', 'no-store'], ['Vary', 'Cookie']]);
      return [];
    };`;
    await using site = await filtered('error_document', ['503 = /page'], app);
    const { fields } = await site.ask('/');
    assert.deepEqual([fields.get('cache-control'), fields.get('vary')], [['no-store'], ['Cookie']]);
  });

  it('refuses what is no status of an error, at its line', async () => {
    const fault = await faultOf(filtered('error_document', ['200 = /a'], APP));
    assert.deepEqual([fault.code, fault.at?.line], ['OPTION_UNKNOWN', 6]);
    const wrong = await faultOf(filtered('error_document', ['404 = errors'], APP));
    assert.deepEqual([wrong.code, wrong.at?.line], ['OPTION_INVALID', 6]);
  });
});

describe('timeout', TIMEOUT, () => {
  const APP = `
    const never = () => new Promise(() => undefined);
    const heard = [];
    export const make = () => (environ, startResponse) => {
      const begin = () => startResponse('200 OK', [['Content-Type', 'text/plain']]);
      const aborted = (reject) => environ['wsgi.signal']().addEventListener('abort', ({ target }) => { heard.push(target.reason.name); reject(target.reason); });
      const HOW = {
        '/never': () => new Promise((resolve, reject) => aborted(reject)),
        '/lazily': async function* () { await never(); },
        '/late': async () => { await new Promise((resolve) => aborted(resolve)); begin(); return [Buffer.from('late')]; },
        '/slow': async function* () { begin(); yield Buffer.from('slow '); await new Promise((resolve) => setTimeout(resolve, 1_200)); yield Buffer.from('body'); },
        '/heard': () => { begin(); return [Buffer.from(heard.join(' '))]; },
      };
      return HOW[environ.PATH_INFO]();
    };`;

  for (const path of ['/never', '/lazily', '/late']) {
    it(`answers with 503 where the app does not begin: ${path}`, async () => {
      await using site = await filtered('timeout', ['limit = 50ms'], APP);
      assert.equal((await site.ask(path)).status, 503);
      assert.match(logOf(site), /GET \/\w+: the answer has not begun within 50 ms/);
      if (path !== '/lazily') assert.equal((await site.ask('/heard')).body, 'TimeoutError');
      assert.doesNotMatch(logOf(site), /failed/);
    });
  }

  const OTHERS = {
    fetch: `const heard = [];
      export const make = () => ({
        fetch: (request) => request.url.endsWith('/heard')
          ? new Response(heard.join(' '))
          : new Promise((resolve, reject) => request.signal.addEventListener('abort', () => { heard.push(request.signal.reason.name); reject(request.signal.reason); })),
      });`,
    node: `const heard = [];
      export const make = () => (req, res) => {
        if (req.url === '/heard') return res.end(heard.join(' '));
        res.on('close', () => { heard.push(res.writableFinished ? 'finished' : 'TimeoutError'); res.end('late'); });
      };`,
  };
  for (const [contract, app] of Object.entries(OTHERS)) {
    it(`tells a ${contract} app that its time is over`, async () => {
      await using site = await filtered('timeout', ['limit = 50ms'], app);
      assert.equal((await site.ask('/never')).status, 503);
      assert.equal((await site.ask('/heard')).body, 'TimeoutError');
      assert.doesNotMatch(logOf(site), /failed/);
    });
  }

  for (const [when, then] of [
    ['ends for it', 'throw await left;'],
    ['does not care', 'await new Promise(() => undefined);'],
    ['fails much later', 'const reason = await left; await later(); throw reason;'],
    ['answers much later', "await left; await later(); startResponse('200 OK', []); return [];"],
  ] as const) {
    it(`is no matter for the log where the client has left and the app ${when}`, async () => {
      const told = { begun: 0, left: 0 };
      Object.assign(globalThis, { told });
      const app = `
        const later = () => new Promise((resolve) => setTimeout(resolve, 1_200));
        export const make = () => async (environ, startResponse) => {
          told.begun += 1;
          if (environ.PATH_INFO === '/next') { startResponse('200 OK', []); return [Buffer.from('next')]; }
          const left = new Promise((resolve) => environ['wsgi.signal']().addEventListener('abort', ({ target }) => { told.left += 1; resolve(target.reason); }));
          ${then}
        };`;
      await using site = await filtered('timeout', ['limit = 1s'], app, { listen: 'tcp', concurrency: 1 });
      await using client = await site.server.client();
      await client.send('GET /left HTTP/1.1\r\nHost: a\r\n\r\n');
      await eventually('the app has begun', () => told.begun === 1);
      client.reset();
      await eventually('the app has heard of it', () => told.left === 1);
      // The only place is given on when the time is over, if not before.
      assert.equal((await site.ask('/next')).body, 'next');
      await new Promise((resolve) => setTimeout(resolve, 1_300));
      assert.doesNotMatch(logOf(site), /has not begun|after its time/);
    });
  }

  it('leaves an answer that has begun alone', async () => {
    await using site = await filtered('timeout', ['limit = 1s'], APP);
    assert.equal((await site.ask('/slow')).body, 'slow body');
  });
});

describe('profile', TIMEOUT, () => {
  it('writes a profile that has the function of the app, for each second request', async () => {
    // No loop of its own: one that was compiled between two profiles is not told apart from whoever calls it.
    const app = `import { scryptSync } from 'node:crypto';
    export const make = () => function busyApp(environ, startResponse) {
      scryptSync('password', 'salt', 32, { N: 8192 });
      startResponse('200 OK', []);
      return [Buffer.from('busy')];
    };`;
    await using site = await filtered('profile', ['folder = profiles', 'every = 2', 'max_files = 2'], app);
    assert.equal(existsSync(`${site.folder}/profiles`), false);
    for (let time = 0; time < 8; time += 1) assert.equal((await site.ask('/a/../b?c')).body, 'busy');
    const names = (): string[] => (existsSync(`${site.folder}/profiles`) ? readdirSync(`${site.folder}/profiles`) : []);
    await eventually('two profiles are written', () => names().filter((name) => name.endsWith('.cpuprofile')).length === 2);
    for (const name of names()) {
      assert.match(name, /^\d{8}T\d{6}-\d{3}-\d+-\d+-\d-GET-_[ab_]*\.cpuprofile$/);
      const { nodes } = JSON.parse(readFileSync(`${site.folder}/profiles/${name}`, 'utf8')) as {
        nodes: { callFrame: { functionName: string } }[];
      };
      const named = nodes.map(({ callFrame }) => callFrame.functionName);
      assert.ok(named.includes('busyApp'), `it has only ${named.join(', ')}`);
    }
  });
});
