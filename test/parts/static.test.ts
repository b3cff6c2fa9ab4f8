// Files of a folder: which file a path means, what of it a client gets, and what nobody gets whatever he says.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Heard } from '../support/answers-of.ts';
import { eventually } from '../support/eventually.ts';
import { faultOf } from '../support/faults.ts';
import { siteOf, type Site } from '../support/parts.ts';
import { openFiles } from '../support/process.ts';

const TIMEOUT = { timeout: 240_000 };

const USE = ['[app:main]', 'use = @appserve/parts#static', 'document_root = public'];
const SECRET = 'nobody shall read this';
const FILES = {
  'secret.txt': SECRET,
  'public-not/secret.txt': SECRET,
  'public/index.html': '<!doctype html>home',
  'public/a.txt': '0123456789',
  'public/empty.txt': '',
  'public/no-ending': 'bytes',
  'public/v1.2/LICENSE': 'bytes',
  'public/site.html/data': 'bytes',
  'public/.well-known/x': 'bytes',
  'public/caf\u00e9.txt': 'accent',
  'public/with blank.txt': 'blank',
  'public/folder/index.html': 'folder',
  'public/bare/file.txt': 'file',
  'public/.env': SECRET,
  'public/.git/config': SECRET,
  'public/.well-known/security.txt': 'contact',
  'public/assets/app.js': 'plain script',
  'public/assets/app.js.br': 'in br',
  'public/assets/app.js.gz': 'in gzip',
  'public/assets/app.js.zst': 'in zstd',
  'public/only-gz.css': 'plain style',
  'public/only-gz.css.gz': 'in gzip',
};

function site(...lines: readonly string[]): Promise<Site> {
  return siteOf([...USE, ...lines], { files: FILES });
}

function header(answer: Heard, name: string): string | undefined {
  return answer.fields.get(name)?.join(', ');
}

function withoutDate({ fields }: Heard): unknown {
  return [...fields].filter(([name]) => name !== 'date');
}

/** One site for what changes nothing. */
let shared!: Site;
before(async () => {
  shared = await site('cache_max_age = 60');
});
after(async () => {
  await shared[Symbol.asyncDispose]();
});

describe('a path', TIMEOUT, () => {
  for (const [path, status, body] of [
    ['/a.txt', 200, '0123456789'],
    ['/empty.txt', 200, ''],
    ['/caf%C3%A9.txt', 200, 'accent'],
    ['/with%20blank.txt', 200, 'blank'],
    ['/%61.txt', 200, '0123456789'],
    ['/', 200, '<!doctype html>home'],
    ['/folder/', 200, 'folder'],
    ['/folder%2F', 200, 'folder'],
    ['/.well-known/security.txt', 200, 'contact'],
    ['/a.txt?version=2', 200, '0123456789'],
    ['/a.txt/', 404, undefined],
    ['/a.txt/b', 404, undefined],
    ['/bare', 404, undefined],
    ['/bare/', 404, undefined],
    ['/A.TXT', 404, undefined],
    ['//a.txt', 404, undefined],
    ['/folder//index.html', 404, undefined],
    ['/./a.txt', 404, undefined],
    ['/a.txt.', 404, undefined],
    ['/a.txt%20', 404, undefined],
    ['/a.txt%00', 404, undefined],
    ['/a.txt%00.html', 404, undefined],
    ['/a.txt::$DATA', 404, undefined],
    ['/caf%E9.txt', 404, undefined],
    ['/.env', 404, undefined],
    ['/%2eenv', 404, undefined],
    ['/.git/config', 404, undefined],
    [`/${'x'.repeat(300)}`, 404, undefined],
    [`/${'x/'.repeat(3_000)}`, 404, undefined],
  ] as const) {
    it(`${path.length > 60 ? `of ${path.length} bytes` : path} is ${status}`, async () => {
      const answer = await shared.ask(path);
      assert.equal(answer.status, status);
      if (body !== undefined) assert.equal(answer.body, body);
    });
  }

  it('of a folder without its slash leads to that with it, and the query stays', async () => {
    const answer = await shared.ask('/folder?a=b');
    assert.deepEqual([answer.status, header(answer, 'location')], [301, '/folder/?a=b']);
  });

  it('never leads to another host', async () => {
    for (const path of ['//folder', '///folder', '//example.com/folder', '/%2Ffolder', '/\\example.com/..', '/%5Cfolder']) {
      const answer = await shared.ask(path);
      assert.equal(header(answer, 'location'), undefined, path);
    }
  });

  it('is read below where it is mounted', async () => {
    const lines = ['[composite:main]', 'use = @appserve/parts#urlmap', '/assets = files', ...USE.with(0, '[app:files]')];
    await using mounted = await siteOf(lines, { files: FILES });
    assert.equal((await mounted.ask('/assets/a.txt')).body, '0123456789');
    assert.equal(header(await mounted.ask('/assets'), 'location'), '/assets/');
    assert.equal(header(await mounted.ask('//assets/folder'), 'location'), '/assets/folder/');
  });

  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']) {
    it(`is not for ${method}`, async () => {
      const answer = await shared.ask('/a.txt', [], { method });
      assert.deepEqual([answer.status, header(answer, 'allow')], [405, 'GET, HEAD']);
      assert.equal((await shared.ask('/folder', [], { method })).status, 405);
      assert.equal((await shared.ask('/gone', ['Accept: text/html'], { method })).status, 404);
    });
  }

  it('that is not there leaves a form to the next app of a cascade', async () => {
    const lines = ['[composite:main]', 'use = egg:Paste#cascade', 'app1 = files', 'app2 = site', '[app:files]', ...USE.slice(1)];
    const rest = ['fallback = index.html', '[app:site]', 'use = @appserve/parts#test', 'text = posted'];
    await using own = await siteOf([...lines, ...rest], { files: FILES });
    const posted = await own.ask('/form', ['Accept: text/html'], { method: 'POST', body: 'a=1' });
    assert.deepEqual([posted.status, posted.body.trim()], [200, 'posted']);
    assert.equal((await own.ask('/a.txt', [], { method: 'POST', body: 'a=1' })).status, 405);
  });
});

/** What is told as two dots, and as a slash, by somebody. */
const DOTS = [
  '..',
  '%2e%2e',
  '.%2e',
  '%2E.',
  '%252e%252e',
  '%c0%ae%c0%ae',
  '%e0%80%ae%e0%80%ae',
  '%uff0e%uff0e',
  '%ef%bc%8e%ef%bc%8e',
  '..%00',
  '..;',
  '..%20',
  '....',
  '%2e%2e.',
];
const SLASHES = ['/', '%2f', '%2F', '\\', '%5c', '%252f', '%c0%af', '%e2%88%95', '//', '/./', '/%2e/'];
const CLIMBS = [
  ...DOTS.flatMap((dots) => SLASHES.map((slash) => `/${dots}${slash}secret.txt`)),
  ...DOTS.map((dots) => `/folder/${dots}/${dots}/secret.txt`),
  ...DOTS.map((dots) => `/${dots}/public-not/secret.txt`),
  '/folder/../../public-not/secret.txt',
  '-not/secret.txt',
  '/-not/secret.txt',
  'http://example.test/../secret.txt',
  '/file:///secret.txt',
  '/C:/secret.txt',
  '/~/secret.txt',
];

describe('a way out of the folder', TIMEOUT, () => {
  it(`is not found, in ${CLIMBS.length} spellings`, async () => {
    assert.ok(CLIMBS.length > 60);
    for (const path of CLIMBS) {
      const heard = await shared.say(`GET ${path} HTTP/1.1\r\nHost: example.test\r\nConnection: close\r\n\r\n`);
      assert.match(heard, /^HTTP\/1\.1 40[04] /, path);
      assert.ok(!heard.includes(SECRET), path);
    }
  });

  it('is not found where the folder lies in that of its secret by any absolute name', async () => {
    for (const path of [`/${shared.folder}/secret.txt`, `${shared.folder}/secret.txt`, `/.${shared.folder}/secret.txt`]) {
      const answer = await shared.ask(path);
      assert.deepEqual([answer.status, answer.body.includes(SECRET)], [404, false], path);
    }
  });
});

describe('a link', TIMEOUT, () => {
  const TARGETS = { out: '../secret.txt', folderOut: '..', inside: 'a.txt', sibling: '../public-not', circle: 'circle' };
  for (const [symlinks, wanted] of [
    ['inside', { out: 404, 'folderOut/secret.txt': 404, inside: 200, 'sibling/secret.txt': 404, circle: 404 }],
    ['allow', { out: 200, 'folderOut/secret.txt': 200, inside: 200, 'sibling/secret.txt': 200, circle: 404 }],
    ['deny', { out: 404, 'folderOut/secret.txt': 404, inside: 404, 'sibling/secret.txt': 404, circle: 404 }],
  ] as const) {
    it(`with symlinks = ${symlinks}`, async () => {
      await using own = await site(`symlinks = ${symlinks}`);
      for (const [name, target] of Object.entries(TARGETS)) symlinkSync(target, `${own.folder}/public/${name}`);
      const heard: Record<string, number> = {};
      for (const name of Object.keys(wanted)) heard[name] = (await own.ask(`/${name}`)).status;
      assert.deepEqual(heard, wanted);
    });
  }

  for (const [dotfiles, status] of [
    ['ignore', 404],
    ['deny', 403],
    ['allow', 200],
  ] as const)
    it(`to a name with a dot is one, with dotfiles = ${dotfiles}`, async () => {
      await using own = await site(`dotfiles = ${dotfiles}`);
      for (const [name, target] of [
        ['env.txt', '.env'],
        ['git', '.git'],
        ['known.txt', '.well-known/security.txt'],
      ] as const)
        symlinkSync(target, `${own.folder}/public/${name}`);
      for (const path of ['/env.txt', '/git/config']) assert.equal((await own.ask(path)).status, status, path);
      assert.equal((await own.ask('/known.txt')).status, 200);
    });

  it('may be the folder itself', async () => {
    symlinkSync('public', `${shared.folder}/link`);
    await using own = await siteOf([...USE.slice(0, 2), `document_root = ${shared.folder}/link`, 'symlinks = deny']);
    assert.equal((await own.ask('/a.txt')).status, 200);
  });
});

describe('what is no file', TIMEOUT, () => {
  it('is not found, and not waited for: a pipe', async () => {
    execFileSync('mkfifo', [`${shared.folder}/public/pipe`]);
    assert.equal((await shared.ask('/pipe')).status, 404);
  });

  it('is refused where it is the folder', async () => {
    const fault = await faultOf(siteOf([...USE.slice(0, 2), 'document_root = nowhere']));
    assert.deepEqual(
      [fault.code, fault.at?.line, fault.details],
      ['OPTION_INVALID', 3, { key: 'document_root', value: 'nowhere', allowed: 'a folder that is there' }],
    );
    const file = await faultOf(siteOf([...USE.slice(0, 2), 'document_root = site.ini']));
    assert.equal(file.code, 'OPTION_INVALID');
  });
});

describe('names with a dot', TIMEOUT, () => {
  for (const [dotfiles, status] of [
    ['ignore', 404],
    ['deny', 403],
    ['allow', 200],
  ] as const) {
    it(`are ${status} with dotfiles = ${dotfiles}`, async () => {
      await using own = await site(`dotfiles = ${dotfiles}`);
      for (const path of ['/.env', '/.git/config']) assert.equal((await own.ask(path)).status, status, path);
      assert.equal((await own.ask('/folder/.well-known/x')).status, status === 403 ? 403 : 404);
    });
  }
});

describe('a head', TIMEOUT, () => {
  it('says what the file is', async () => {
    const answer = await shared.ask('/a.txt');
    assert.equal(header(answer, 'content-type'), 'text/plain; charset=utf-8');
    assert.equal(header(answer, 'x-content-type-options'), 'nosniff');
    assert.equal(header(answer, 'accept-ranges'), 'bytes');
    assert.equal(header(answer, 'cache-control'), 'max-age=60');
    assert.match(header(answer, 'etag')!, /^"[0-9a-z]+-[0-9a-z]+"$/);
    assert.ok(Date.parse(header(answer, 'last-modified')!) > 0);
  });

  it('is the same for HEAD, without a body', async () => {
    const [get, head] = [await shared.ask('/a.txt'), await shared.ask('/a.txt', [], { method: 'HEAD' })];
    assert.deepEqual([head.status, withoutDate(head), head.body], [200, withoutDate(get), '']);
  });

  it('does not guess what nobody knows', async () => {
    for (const path of ['/no-ending', '/v1.2/LICENSE', '/site.html/data', '/.well-known/x'])
      assert.equal(header(await shared.ask(path), 'content-type'), 'application/octet-stream', path);
  });

  it('goes by the name that was asked for', async () => {
    symlinkSync('no-ending', `${shared.folder}/public/latest.css`);
    assert.equal(header(await shared.ask('/latest.css'), 'content-type'), 'text/css; charset=utf-8');
  });

  it('lets clients keep for ever what never changes', async () => {
    await using own = await site('immutable = /assets/');
    assert.equal(header(await own.ask('/assets/app.js'), 'cache-control'), 'max-age=31536000, immutable');
    assert.equal(header(await own.ask('/a.txt'), 'cache-control'), undefined);
    const past = await own.ask('/assets/app.js', ['Range: bytes=99-']);
    assert.deepEqual([past.status, header(past, 'cache-control')], [416, undefined]);
  });
});

describe('a range', TIMEOUT, () => {
  for (const [range, status, body, contentRange] of [
    ['bytes=0-0', 206, '0', 'bytes 0-0/10'],
    ['bytes=2-5', 206, '2345', 'bytes 2-5/10'],
    ['bytes=5-', 206, '56789', 'bytes 5-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['bytes=9-9', 206, '9', 'bytes 9-9/10'],
    ['BYTES = 2-5', 206, '2345', 'bytes 2-5/10'],
    ['bytes=10-', 416, undefined, 'bytes */10'],
    ['bytes=10-20', 416, undefined, 'bytes */10'],
    ['bytes=-0', 416, undefined, 'bytes */10'],
    ['bytes=999999999999999-', 416, undefined, 'bytes */10'],
    ['bytes=5-4', 200, '0123456789', undefined],
    ['bytes=', 200, '0123456789', undefined],
    ['bytes=-', 200, '0123456789', undefined],
    ['bytes=--1', 200, '0123456789', undefined],
    ['bytes=a-b', 200, '0123456789', undefined],
    ['bytes=0x1-2', 200, '0123456789', undefined],
    ['bytes=1e1-', 200, '0123456789', undefined],
    ['bytes=0-1,3-4', 200, '0123456789', undefined],
    [`bytes=${'0-,'.repeat(1_000)}0-`, 200, '0123456789', undefined],
    ['bytes=99999999999999999999-', 200, '0123456789', undefined],
    ['bytes=0-99999999999999999999', 200, '0123456789', undefined],
    ['items=0-1', 200, '0123456789', undefined],
    ['0-1', 200, '0123456789', undefined],
    ['\xff', 200, '0123456789', undefined],
  ] as const) {
    it(`${range.slice(0, 40)} is ${status}`, async () => {
      const answer = await shared.ask('/a.txt', [`Range: ${range}`]);
      assert.deepEqual([answer.status, header(answer, 'content-range')], [status, contentRange]);
      if (body !== undefined) assert.deepEqual([answer.body, header(answer, 'content-length')], [body, String(body.length)]);
    });
  }

  it('of an empty file is 416', async () => {
    const answer = await shared.ask('/empty.txt', ['Range: bytes=0-']);
    assert.deepEqual([answer.status, header(answer, 'content-range')], [416, 'bytes */0']);
  });

  it('is nothing to HEAD', async () => {
    assert.equal((await shared.ask('/a.txt', ['Range: bytes=0-1'], { method: 'HEAD' })).status, 200);
  });

  it('counts only if the client has the rest of the same file', async () => {
    const first = await shared.ask('/a.txt');
    const [etag, date] = [header(first, 'etag')!, header(first, 'last-modified')!];
    for (const [ifRange, status] of [
      [etag, 206],
      // A file may change twice in a second: which of them a date means nobody knows.
      [date, 200],
      [`W/${etag}`, 200],
      ['"another"', 200],
      ['Sun, 06 Nov 1994 08:49:37 GMT', 200],
      ['Fri, 06 Nov 2093 08:49:37 GMT', 200],
      ['yesterday', 200],
      ['', 200],
    ] as const) {
      const answer = await shared.ask('/a.txt', ['Range: bytes=0-1', `If-Range: ${ifRange}`]);
      assert.equal(answer.status, status, ifRange);
    }
  });
});

describe('a condition', TIMEOUT, () => {
  const OLD = 'Sun, 06 Nov 1994 08:49:37 GMT';
  const NEW = 'Fri, 06 Nov 2093 08:49:37 GMT';
  for (const [lines, status] of [
    [['If-None-Match: ETAG'], 304],
    [['If-None-Match: W/ETAG'], 304],
    [['If-None-Match: "x", ETAG'], 304],
    [['If-None-Match: "x"', 'If-None-Match: ETAG'], 304],
    [['If-None-Match: "a,b",,ETAG'], 304],
    [['If-None-Match: *'], 304],
    [['If-None-Match: "x"'], 200],
    [['If-None-Match: x ETAG'], 200],
    [['If-None-Match:'], 200],
    [[`If-None-Match: ${'"x",'.repeat(1_500)}ETAG`], 304],
    [[`If-None-Match: ${'"'.repeat(6_000)}`], 200],
    [[`If-Modified-Since: ${NEW}`], 304],
    [['If-Modified-Since: DATE'], 304],
    [[`If-Modified-Since: ${OLD}`], 200],
    [['If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT'], 200],
    [['If-Modified-Since: Sun Nov  6 08:49:37 1994'], 200],
    [['If-Modified-Since: 2093-11-06'], 200],
    [['If-Modified-Since: 99999999999999'], 200],
    [['If-Modified-Since: Fri, 99 Nov 2093 08:49:37 GMT'], 200],
    [['If-Match: ETAG'], 200],
    [['If-Match: *'], 200],
    [['If-Match: W/ETAG'], 412],
    [['If-Match: "x"'], 412],
    [[`If-Unmodified-Since: ${NEW}`], 200],
    [[`If-Unmodified-Since: ${OLD}`], 412],
    [['If-Unmodified-Since: soon'], 200],
    // RFC 9110 §13.2.2: tags before dates, what must hold before what must not.
    [['If-None-Match: "x"', `If-Modified-Since: ${NEW}`], 200],
    [['If-Match: ETAG', `If-Unmodified-Since: ${OLD}`], 200],
    [['If-Match: ETAG', 'If-None-Match: ETAG'], 304],
    [['If-Match: "x"', 'If-None-Match: ETAG'], 412],
    [['If-None-Match: ETAG', 'Range: bytes=0-1'], 304],
    [['If-Match: "x"', 'Range: bytes=0-1'], 412],
  ] as const) {
    it(`${lines.join(', ').slice(0, 70)} is ${status}`, async () => {
      const first = await shared.ask('/a.txt');
      const [etag, date] = [header(first, 'etag')!, header(first, 'last-modified')!];
      const own = lines.map((line) => line.replace('ETAG', etag).replace('DATE', date));
      const answer = await shared.ask('/a.txt', own);
      assert.equal(answer.status, status);
      if (status === 304) assert.deepEqual([answer.body, header(answer, 'etag')], ['', etag]);
    });
  }
});

describe('a coding', TIMEOUT, () => {
  for (const [accept, coding] of [
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['br', 'br'],
    ['zstd', 'zstd'],
    ['gzip, deflate, br, zstd', 'br'],
    ['GZIP;Q=1', 'gzip'],
    ['gzip;q=1.0, br;q=0.5', 'gzip'],
    ['*', 'br'],
    ['br;q=0, *', 'zstd'],
    ['gzip;q=0', undefined],
    ['*;q=0', undefined],
    ['identity', undefined],
    ['identity, gzip;q=0.5', undefined],
    ['identity;q=0.5, gzip', 'gzip'],
    ['deflate', undefined],
    ['', undefined],
    ['gzip;q=2', undefined],
    ['gzip;q=0.0001', undefined],
    ['gzip;q=NaN', undefined],
    [';;;,,,q=1', undefined],
    [`${'a,'.repeat(3_000)}gzip`, undefined],
    ['br\xff', undefined],
  ] as const) {
    it(`for Accept-Encoding: ${accept.slice(0, 40)} is ${coding ?? 'none'}`, async () => {
      const answer = await shared.ask('/assets/app.js', [`Accept-Encoding: ${accept}`]);
      const body = coding === undefined ? 'plain script' : `in ${coding}`;
      assert.deepEqual([answer.status, header(answer, 'content-encoding'), answer.body], [200, coding, body]);
      assert.deepEqual(
        [header(answer, 'vary'), header(answer, 'content-type')],
        ['Accept-Encoding', 'text/javascript; charset=utf-8'],
      );
    });
  }

  it('has a tag of its own, and its own ranges', async () => {
    const plain = await shared.ask('/assets/app.js');
    const coded = await shared.ask('/assets/app.js', ['Accept-Encoding: br']);
    assert.notEqual(header(plain, 'etag'), header(coded, 'etag'));
    const range = await shared.ask('/assets/app.js', ['Accept-Encoding: br', 'Range: bytes=3-4']);
    assert.deepEqual([range.status, range.body], [206, 'br']);
    const other = await shared.ask('/assets/app.js', [`If-None-Match: ${header(coded, 'etag')}`]);
    assert.deepEqual([other.status, header(other, 'vary')], [200, 'Accept-Encoding']);
  });

  it('is not looked for with precompressed = no', async () => {
    await using own = await site('precompressed = no');
    const answer = await own.ask('/assets/app.js', ['Accept-Encoding: br']);
    assert.deepEqual([answer.body, header(answer, 'vary')], ['plain script', undefined]);
  });

  it('is not taken from a file that is older than what it is made of', async () => {
    await using own = await site();
    utimesSync(`${own.folder}/public/only-gz.css.gz`, 1, 1);
    assert.equal((await own.ask('/only-gz.css', ['Accept-Encoding: gzip'])).body, 'plain style');
  });
});

describe('a path that is not there', TIMEOUT, () => {
  it('is the fallback, to who wants a page', async () => {
    await using own = await site('fallback = /index.html');
    const page = await own.ask('/some/route', ['Accept: text/html,*/*;q=0.8']);
    assert.deepEqual([page.status, page.body], [200, '<!doctype html>home']);
    for (const accept of [[], ['Accept: */*'], ['Accept: image/png']])
      assert.equal((await own.ask('/logo.png', accept)).status, 404);
    assert.equal((await own.ask('/../secret.txt', ['Accept: text/html'])).status, 404);
    assert.equal((await own.ask('/.env', ['Accept: text/html'])).status, 404);
  });

  it('says that it depends on what is accepted, whichever it is', async () => {
    await using own = await site('fallback = /assets/app.js');
    const page = await own.ask('/x', ['Accept: text/html']);
    assert.deepEqual([page.status, page.fields.get('vary')], [200, ['Accept-Encoding', 'Accept']]);
    const known = await own.ask('/x', ['Accept: text/html', `If-None-Match: ${header(page, 'etag')}`]);
    assert.deepEqual([known.status, known.fields.get('vary')], [304, ['Accept-Encoding', 'Accept']]);
    const other = await own.ask('/x', ['Accept: image/png']);
    assert.deepEqual([other.status, other.fields.get('vary')], [404, ['Accept']]);
    assert.equal(header(await own.ask('/a.txt', ['Accept: text/html']), 'vary'), undefined);
  });

  it('is 404 while the fallback is not there', async () => {
    await using own = await site('fallback = gone.html');
    assert.equal((await own.ask('/x', ['Accept: text/html'])).status, 404);
  });

  it('has no fallback outside of the folder', async () => {
    const fault = await faultOf(site('fallback = ../secret.txt'));
    assert.deepEqual([fault.code, fault.at?.line], ['OPTION_INVALID', 4]);
  });
});

describe('a file that changes', TIMEOUT, () => {
  it('is read again when the disk is asked again', async () => {
    await using own = await site('recheck = 0');
    const path = `${own.folder}/public/a.txt`;
    const first = await own.ask('/a.txt');
    writeFileSync(path, 'something else');
    const second = await own.ask('/a.txt', [`If-None-Match: ${header(first, 'etag')}`]);
    assert.deepEqual([second.status, second.body], [200, 'something else']);
    rmSync(path);
    assert.equal((await own.ask('/a.txt')).status, 404);
    mkdirSync(path);
    assert.equal((await own.ask('/a.txt')).status, 404);
  });

  it('is believed to be what it was for a while', async () => {
    await using own = await site('recheck = 1h');
    assert.equal((await own.ask('/a.txt')).body, '0123456789');
    writeFileSync(`${own.folder}/public/a.txt`, 'something else');
    assert.equal((await own.ask('/a.txt')).body, '0123456789');
  });

  it('that is large is the new one, never a mixture', async () => {
    await using own = await site('recheck = 1h');
    const path = `${own.folder}/public/large.bin`;
    writeFileSync(path, Buffer.alloc(300_000, 'a'));
    assert.equal((await own.ask('/large.bin')).body.length, 300_000);
    writeFileSync(`${path}.new`, Buffer.alloc(200_000, 'b'));
    renameSync(`${path}.new`, path);
    const answer = await own.ask('/large.bin');
    assert.deepEqual([answer.body, header(answer, 'content-length')], ['b'.repeat(200_000), '200000']);
  });

  it('that grows is sent as far as was said', async () => {
    await using own = await site('recheck = 1h');
    const path = `${own.folder}/public/log.txt`;
    writeFileSync(path, Buffer.alloc(100_000, 'a'));
    const answer = await own.ask('/log.txt', ['Range: bytes=99990-']);
    assert.equal(answer.body, 'a'.repeat(10));
    appendFileSync(path, 'more');
    assert.equal((await own.ask('/log.txt')).body.length, 100_004);
  });
});

describe('a large file', TIMEOUT, () => {
  it('is sent whole and in part', async () => {
    await using own = await site();
    const bytes = Buffer.alloc(3 * 1_024 ** 2, '0123456789');
    writeFileSync(`${own.folder}/public/large.bin`, bytes);
    assert.equal((await own.ask('/large.bin')).body, bytes.toString('latin1'));
    const part = await own.ask('/large.bin', ['Range: bytes=1000003-2000004']);
    assert.equal(part.body, bytes.toString('latin1', 1_000_003, 2_000_005));
    assert.equal((await own.ask('/large.bin', [], { method: 'HEAD' })).body, '');
  });

  it('is closed when its client leaves', async () => {
    await using own = await site();
    writeFileSync(`${own.folder}/public/large.bin`, Buffer.alloc(50 * 1_024 ** 2));
    const client = await own.server.client();
    await client.send('GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.until((text) => text.length > 100_000);
    client.pause();
    assert.equal(timesOpen(`${own.folder}/public/large.bin`), 1);
    await client[Symbol.asyncDispose]();
    await eventually('the file is closed', () => timesOpen(`${own.folder}/public/large.bin`) === 0);
  });
});

function timesOpen(path: string): number {
  return openFiles(process.pid).filter((name) => name === path).length;
}
