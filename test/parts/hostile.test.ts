// Values that nobody sends in good faith, through every part at once: each request is answered, by no 5xx, and whole.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { CATALOGUE, type Part } from '@appserve/parts/catalogue';
import * as fc from 'fast-check';
import { siteOf, type Site } from '../support/parts.ts';

const TIMEOUT = { timeout: 240_000 };

/** What a filter needs, or needs so that requests come through. */
const FILTERS: Readonly<Record<string, readonly string[]>> = {
  auth_basic: ['users_file = users'],
  cors: ['origins = https://www.example.com'],
  csp: ["policy = script-src 'self' {nonce}"],
  error_document: ['404 = /files/a.txt'],
  gzip: ['min_size = 0'],
  ip_allow: ['allow = unix 0.0.0.0/0 ::/0'],
  prefix: ['trusted = unix', 'prefix = /outside'],
  profile: ['folder = profiles', 'every = 1000000', 'max_files = 1'],
  proxy_headers: ['trusted = unix'],
  rate_limit: ['requests = 1000000', 'header = X-Forwarded-For'],
  session_cookie: ['secrets = an-example-of-a-secret-that-is-no-secret'],
};

/** Says what it has read: which bytes, and how they are coded. */
const APP = `import { createHash } from 'node:crypto';
export const make = () => async (environ, startResponse) => {
  const body = await environ['wsgi.input'].read();
  startResponse('200 OK', [['Content-Type', 'text/plain']]);
  return [Buffer.from(createHash('sha256').update(body).digest('hex') + ' ' + environ.HTTP_CONTENT_ENCODING)];
};`;

const names = Object.entries(CATALOGUE as Readonly<Record<string, Part>>)
  .filter(([, { group }]) => group.startsWith('filter'))
  .map(([name]) => name);

function sectionOf(filter: string): string {
  return [`[filter:${filter}]`, `use = @appserve/parts#${filter}`, ...(FILTERS[filter] ?? [])].join('\n');
}

/** Every filter around every app and composite; auth_basic around one of them, since it would let nobody further. */
function everything(upstream: number): string {
  return `
[pipeline:main]
pipeline = ${names.filter((name) => name !== 'auth_basic').join(' ')} map

${names.map(sectionOf).join('\n\n')}

[composite:map]
use = @appserve/parts#urlmap
/files = files
/app = app
/door = door
/show = show
/go = go
/up = up
/split = split
/named = named
/chain = chain
/ok = ok

[app:files]
use = @appserve/parts#static
document_root = files
fallback = a.txt

[app:app]
use = ./app.mjs#make

[app:door]
use = ./app.mjs#make
filter-with = auth_basic

[app:show]
use = @appserve/parts#debug
allow = unix 0.0.0.0/0 ::/0

[app:go]
use = @appserve/parts#redirect
to = https://www.example.com

[app:up]
use = @appserve/parts#proxy
address = http://127.0.0.1:${upstream}
forwarded = append

[composite:split]
use = @appserve/parts#canary
app = 1
files = 0

[composite:named]
use = @appserve/parts#hosts
* = app

[composite:chain]
use = @appserve/parts#cascade
app1 = files
app2 = app
catch = 404 405

[app:ok]
use = @appserve/parts#health
`;
}

/** And what an ordinary request gets there. */
const TARGETS: Readonly<Record<string, number>> = {
  '/files/a.txt': 200,
  '/files/none': 404,
  '/app': 200,
  '/door': 401,
  '/show': 200,
  '/go': 308,
  '/up/x': 200,
  '/split': 200,
  '/named': 200,
  '/chain/a.txt': 200,
  '/ok': 200,
};
const targets = Object.keys(TARGETS);

const FIELDS = `
Range If-Range If-Match If-None-Match If-Modified-Since If-Unmodified-Since
Accept Accept-Encoding Content-Encoding Authorization Proxy-Authorization Cookie Origin Access-Control-Request-Method
X-Forwarded-For X-Forwarded-Host X-Forwarded-Server X-Forwarded-Proto X-Forwarded-Scheme X-Forwarded-Port Forwarded
X-Request-Id Traceparent Referer User-Agent
`
  .trim()
  .split(/\s+/);

const LONG = 6_000;

function long(text: string): string {
  return text.repeat(LONG / text.length);
}

/** By what they look like, for those who read only what looks like theirs. */
const VALUES = Object.values({
  marks: [
    '',
    '*',
    ',',
    ';',
    '=',
    '"',
    '\\',
    '/',
    ':',
    '-',
    '%',
    '%00',
    '%ff',
    '\t',
    '\x80\xff',
    '\xc3\x28',
    '[',
    '[::',
    '()',
    '$&',
  ],
  words: [
    '-1',
    '0',
    '1e999',
    '9'.repeat(400),
    'NaN',
    'null',
    '__proto__',
    'constructor',
    'toString',
    '../../etc/passwd',
    '.',
    '..',
  ],
  long: ['a', ',', ' ,', '" ', '\\"', 'a ', 'W/"', '0-,', 'a=b;', '[::1]:', 'gzip, '].map(long),
  ranges: ['bytes=5-4', `bytes=${long('0-0,')}`, 'bytes=-9007199254740993', 'bytes=0-18446744073709551616'],
  codings: ['gzip;q=', `gzip;q=0.${long('0')}`, 'gzip;q=-1, br;q=1e9', 'identity;q=0, *;q=0'],
  credentials: [
    'Basic',
    'Basic =',
    'Basic Og==',
    `Basic ${long('QQ')}`,
    'Basic w4M6',
    'Basic YWRhOmh1bnRlcjI=',
    'Digest username="a"',
    'Bearer',
  ],
  hops: [
    'for=',
    'for="',
    'for="[::1',
    'for=_a;for=_b',
    'for=1.2.3.4;proto=javascript',
    'proto=https;host="a\\"b"',
    'unknown, unknown',
  ],
  addresses: [
    '1.2.3.4.5',
    '::ffff:1.2.3.4',
    '0x7f.1',
    '127.1',
    'fe80::1%eth0',
    '1.2.3.4:99999',
    'a@b',
    'evil.example\\@www.example.com',
  ],
  dates: ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sun, 99 Nov 9999 99:99:99 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT', '-271821-04-20'],
  cookies: ['session=e30.AAAA', 'session=; session=', 'canary=99; canary=-1', 'canary="1'],
  traces: ['00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-ff'],
}).flat();

let upstream: Site;
let site: Site;

before(async () => {
  const files = {
    'app.mjs': APP,
    users: 'ada:$2b$04$5y04DyFy3xyLWm8Dz6m79.F5AfUYndr.v4tlw5ZXZDRmL7dMeuSaO\n',
    'files/a.txt': 'hello',
  };
  upstream = await siteOf(['[app:main]', 'use = ./app.mjs#make'], { files, listen: 'tcp' });
  site = await siteOf([everything(Number(upstream.server.at))], { files });
});

after(async () => {
  await site[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

/** The worst that may come of it is that it is refused. */
async function survives(target: string, lines: readonly string[]): Promise<void> {
  const said = `GET /outside${target} ${lines.map((line) => line.slice(0, 80)).join(', ')}`;
  const { status, isWhole } = await site.ask(`/outside${target}`, lines);
  assert.ok(status >= 200 && status < 500, `${said}: ${status}`);
  assert.ok(isWhole, said);
}

const char = fc.oneof(
  fc.constantFrom(...'",;=\\/ \t%*-:[]0a'.split('')),
  fc.integer({ min: 0xa0, max: 0xff }).map((code) => String.fromCharCode(code)),
);
const value = fc.oneof(
  fc.constantFrom(...VALUES),
  fc.array(char, { maxLength: 40 }).map((chars) => chars.join('')),
);
const line = fc.tuple(fc.constantFrom(...FIELDS), value).map(([field, said]) => `${field}: ${said}`);

describe('every part at once', TIMEOUT, () => {
  it('lets an ordinary request through', async () => {
    for (const [target, status] of Object.entries(TARGETS))
      assert.equal((await site.ask(`/outside${target}`)).status, status, target);
  });

  for (const field of FIELDS) {
    it(`answers whatever ${field} says`, async () => {
      for (const [index, said] of VALUES.entries())
        // Two places for each value; over all values that is every place.
        for (const step of [0, 5]) await survives(targets[(index + step) % targets.length]!, [`${field}: ${said}`]);
      for (const target of targets) await survives(target, [`${field}: a`, `${field}:`, `${field}: ,b`]);
    });
  }

  it('answers what several of them say together', async () => {
    const lines = fc.array(line, { minLength: 1, maxLength: 4 });
    await fc.assert(fc.asyncProperty(fc.constantFrom(...targets), lines, survives), { seed: 9, numRuns: 500 });
  });

  it('has not failed of any of it', () => {
    const errors = site.server.log.filter(({ level }) => level === 'error');
    assert.deepEqual(errors, []);
  });
});

describe('a body that would be large', TIMEOUT, () => {
  const zeros = Buffer.alloc(64 * 1_024 ** 2);
  const BOMBS = {
    gzip: gzipSync(zeros),
    br: brotliCompressSync(zeros.subarray(0, 8 * 1_024 ** 2)),
    deflate: deflateSync(zeros),
  };

  for (const [coding, bomb] of Object.entries(BOMBS))
    for (const target of ['/app', '/up/x', '/chain/none'])
      it(`is not unpacked by anybody on its way: ${coding} to ${target}`, async () => {
        const fields = ['Host: a', 'Connection: close', `Content-Encoding: ${coding}`, `Content-Length: ${bomb.length}`];
        await using client = await site.server.client();
        await client.send([`POST /outside${target} HTTP/1.1`, ...fields, '', ''].join('\r\n'));
        await client.send(bomb.toString('latin1'));
        const answer = await client.untilEnd();
        assert.ok(answer.includes(`${createHash('sha256').update(bomb).digest('hex')} ${coding}`), answer);
      });
});
