// Who somebody is: names and passwords, and what is kept in a cookie that is signed.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { Decoys, readHtpasswd, Signer } from '@appserve/parts/machines';
import { faultOf } from '../../support/faults.ts';
import { FrameClient } from '../../support/frame-client.ts';
import { filtered, showing } from '../../support/filtered.ts';
import { siteOf, type Site } from '../../support/parts.ts';
import type { Heard } from '../../support/answers-of.ts';

const TIMEOUT = { timeout: 240_000 };

/** lovelace by bcrypt, of the least cost, and sesame by argon2. */
const BCRYPT = '$2b$04$5y04DyFy3xyLWm8Dz6m79.F5AfUYndr.v4tlw5ZXZDRmL7dMeuSaO';
const ARGON2 = '$argon2id$v=19$m=64,t=1,p=1$BTj7SQaa/6tcEf7Gl3PxCQ$vyLGyJnXUwpq0VT42U/uDl4UHcqnrld7TKegD/c5XAQ';
const USERS = `# the members\n\nada:${BCRYPT}\nali:${ARGON2}\n`;

const basic = (credentials: string, scheme = 'Basic'): string =>
  `Authorization: ${scheme} ${Buffer.from(credentials).toString('base64')}`;

const members = (users = USERS, ...lines: readonly string[]): Promise<Site> =>
  filtered('auth_basic', ['users_file = users', 'realm = The "inner" circle', ...lines], showing('REMOTE_USER', 'AUTH_TYPE'), {
    files: { users },
  });

describe('auth_basic', TIMEOUT, () => {
  it('lets in whoever knows the password, and says who it is', async () => {
    await using site = await members();
    for (const [name, password] of [
      ['ada', 'lovelace'],
      ['ali', 'sesame'],
    ]) {
      for (let time = 0; time < 2; time += 1)
        assert.equal((await site.ask('/', [basic(`${name}:${password}`)])).body, `["${name}","Basic"]`);
      assert.equal((await site.ask('/', [basic(`${name}:${password}`, 'BASIC')])).status, 200);
    }
  });

  const REFUSED: Readonly<Record<string, readonly string[]>> = {
    nobody: [],
    'a wrong password': [basic('ada:sesame')],
    'a password that is nearly right': [basic('ada:lovelac')],
    'no password': [basic('ada:')],
    'a name that is not there': [basic('eve:lovelace')],
    'a name of Object': [basic('constructor:lovelace')],
    'no colon': [basic('ada')],
    'no name': [basic(':lovelace')],
    'another scheme': ['Authorization: Bearer abc'],
    'no base64': ['Authorization: Basic !!!'],
    'nothing behind the scheme': ['Authorization: Basic'],
    'two of them': [basic('ada:lovelace'), basic('ada:lovelace')],
    'a control character': [basic('ada:lovelace\0')],
    'what is no UTF-8': [`Authorization: Basic ${Buffer.from('ada:\xff', 'latin1').toString('base64')}`],
    'a password of a megabyte, nearly': [basic(`ada:${'x'.repeat(5_000)}`)],
  };
  for (const [what, lines] of Object.entries(REFUSED)) {
    it(`asks ${what} for a password`, async () => {
      await using site = await members();
      const heard = await site.ask('/', lines);
      assert.equal(heard.status, 401);
      assert.deepEqual(heard.fields.get('www-authenticate'), [String.raw`Basic realm="The \"inner\" circle", charset="UTF-8"`]);
    });
  }

  it('lets nobody in where there is nobody', async () => {
    await using site = await members('');
    assert.equal((await site.ask('/', [basic('ada:lovelace')])).status, 401);
  });

  it('remembers no password that was wrong, and none where it shall not', async () => {
    await using site = await members(USERS, 'remember = 0');
    for (const [password, status] of [
      ['lovelace', 200],
      ['sesame', 401],
      ['lovelace', 200],
    ] as const)
      assert.equal((await site.ask('/', [basic(`ada:${password}`)])).status, status);
  });

  it('takes as long for a name that is there as for one that is not, whichever hash it has', async () => {
    // 2,048 rounds, wherever they are made, are some hundred times what 64 KiB of argon2 take.
    const dear = `$2b$11$${BCRYPT.slice(7)}`;
    await using site = await members(`ada:${dear}\nali:${ARGON2}\n`);
    const least = async (name: string): Promise<number> => {
      const times: number[] = [];
      for (let nth = 0; nth < 4; nth += 1) {
        const before = performance.now();
        assert.equal((await site.ask('/', [basic(`${name}:wrong`)])).status, 401);
        times.push(performance.now() - before);
      }
      return Math.min(...times);
    };
    const times = [await least('ada'), await least('ali'), await least('eve')];
    // A busy machine makes one a few times slower, a missing hash some hundred times quicker.
    assert.ok(Math.min(...times) / Math.max(...times) > 0.1, times.join(' '));
  });

  it('lets others in while one client sends a flood of wrong passwords', async () => {
    // Of two filters the one that is named last is asked first.
    const lines = ['[app:main]', 'use = ./app.mjs#make', 'filter-with = it', '[filter:it]', 'use = @appserve/parts#auth_basic'];
    const seen = ['users_file = users', 'filter-with = seen', '[filter:seen]', 'use = @appserve/parts#proxy_headers'];
    const users = `ada:$2b$11$${BCRYPT.slice(7)}\nali:${ARGON2}\n`;
    await using site = await siteOf([...lines, ...seen], { files: { users, 'app.mjs': showing('REMOTE_USER') } });
    const from = (address: string, credentials: string): Promise<Heard> =>
      site.ask('/', [`X-Forwarded-For: ${address}`, basic(credentials)]);
    const flood = Array.from({ length: 64 }, (_, nth) => from(`2001:db8::${nth.toString(16)}`, 'ada:wrong'));
    // 503 at once says that the flood has come, while the first hashes are still under way.
    const refused = await Promise.race(flood);
    assert.deepEqual([refused.status, refused.fields.get('retry-after')], [503, ['1']]);
    assert.equal((await from('192.0.2.7', 'ali:sesame')).status, 200);
    const statuses = new Set((await Promise.all(flood)).map(({ status }) => status));
    assert.deepEqual(statuses, new Set([401, 503]));
  });

  it('makes one hash of each kind and cost for every wrong password', () => {
    const id = '$argon2id$v=19$m=64,t=1,p=1';
    const hashes = ['$2b$04$a', '$2y$04$b', '$2b$10$c', `${id}$d$e`, `${id}$f$g`, '$argon2i$m=64,t=1,p=1$h$i'];
    const decoys = new Decoys(hashes);
    const kinds = ['$2b$04', '$2b$10', id, '$argon2i$m=64,t=1,p=1'];
    for (const hash of [...hashes, undefined]) {
      const made = [...(hash === undefined ? [] : [hash]), ...decoys.beside(hash)].map((one) => one.replace('2y', '2b'));
      assert.deepEqual(new Set(made.map((one) => kinds.find((kind) => one.startsWith(`${kind}$`)))), new Set(kinds), hash);
      assert.equal(made.length, kinds.length, hash);
    }
  });

  const MISTAKES: Readonly<Record<string, readonly [users: string, line: number, why: RegExp]>> = {
    MD5: ['ada:$apr1$abc$def\n', 1, /neither a bcrypt nor an argon2 hash/],
    'plain text': ['# users\nada:lovelace\n', 2, /neither a bcrypt nor an argon2 hash/],
    'no colon': ['ada\n', 1, /it is no name:hash/],
    'somebody twice': [`ada:${BCRYPT}\nada:${BCRYPT}\n`, 2, /"ada" is there twice/],
  };
  for (const [what, [users, line, why]] of Object.entries(MISTAKES)) {
    it(`refuses ${what} at its line`, () => {
      assert.throws(
        () => readHtpasswd(users, 'users'),
        (error: Error & { at?: { line: number } }) => {
          assert.match(error.message, why);
          assert.equal(error.at?.line, line);
          return true;
        },
      );
    });
  }

  it('says which file is not there', async () => {
    const fault = await faultOf(filtered('auth_basic', ['users_file = nowhere'], showing()));
    assert.equal(fault.code, 'HTPASSWD_UNREADABLE');
    assert.match(fault.message, /nowhere: ENOENT/);
  });
});

const cookieOf = ({ fields }: Heard): string => /^[^;]*/.exec(fields.get('set-cookie')?.[0] ?? '')![0];

describe('session_cookie', TIMEOUT, () => {
  const SECRET = 'an-example-of-a-secret-that-is-no-secret';
  const OTHER = 'another-example-of-a-secret-that-is-none';
  /** Counts visits; /out forgets them, /big keeps too much, /look changes nothing. */
  const APP = `export const make = () => (environ, startResponse) => {
    const session = environ['appserve.session'];
    const path = environ.PATH_INFO;
    if (path === '/out') for (const key of Object.keys(session)) delete session[key];
    else if (path === '/big') session.big = 'x'.repeat(5000);
    else if (path !== '/look') session.visits = (session.visits ?? 0) + 1;
    startResponse('200 OK', [['Content-Type', 'application/json']]);
    return [Buffer.from(JSON.stringify(session))];
  };`;
  const kept = (...lines: readonly string[]): Promise<Site> =>
    filtered('session_cookie', [lines.some((line) => line.startsWith('secrets')) ? '' : `secrets = ${SECRET}`, ...lines], APP);

  it('keeps what an app knows of a visitor', async () => {
    await using site = await kept();
    const first = await site.ask('/');
    assert.deepEqual([first.body, first.fields.get('vary')], ['{"visits":1}', ['Cookie']]);
    assert.deepEqual(first.fields.get('cache-control'), ['private'], 'no shared cache gives it to somebody else');
    assert.match(first.fields.get('set-cookie')![0]!, /^session=\S+; Path=\/; Max-Age=14400; HttpOnly; SameSite=Lax$/);
    const second = await site.ask('/', [`Cookie: a=b; ${cookieOf(first)}; c=d`]);
    assert.equal(second.body, '{"visits":2}');
    const looked = await site.ask('/look', [`Cookie: ${cookieOf(second)}`]);
    assert.deepEqual([looked.body, looked.fields.get('set-cookie')], ['{"visits":2}', undefined]);
    const out = await site.ask('/out', [`Cookie: ${cookieOf(second)}`]);
    assert.match(out.fields.get('set-cookie')![0]!, /^session=; Path=\/; Max-Age=0;/);
  });

  it('goes out with the 101 of a fetch app', async () => {
    const app = `export const make = () => ({
      fetch(request, context) {
        context.environ['appserve.session'].user = 'ada';
        return context.upgrade({ message() {} });
      },
    });`;
    await using site = await filtered('session_cookie', [`secrets = ${SECRET}`], app);
    await using client = await FrameClient.open(site.server.at);
    assert.match(client.head, /^HTTP\/1\.1 101 [^]*\r\nset-cookie: session=/i);
  });

  it('knows a secret of before, and signs with the new one', async () => {
    await using before = await kept();
    const cookie = cookieOf(await before.ask('/'));
    await using rotated = await kept(`secrets = ${OTHER} ${SECRET}`);
    const heard = await rotated.ask('/', [`Cookie: ${cookie}`]);
    assert.equal(heard.body, '{"visits":2}');
    await using after = await kept(`secrets = ${OTHER}`);
    assert.equal((await after.ask('/look', [`Cookie: ${cookie}`])).body, '{}');
    assert.equal((await after.ask('/look', [`Cookie: ${cookieOf(heard)}`])).body, '{"visits":2}');
  });

  it('believes no cookie of another name, and none that was changed anywhere', async () => {
    const signer = new Signer([SECRET], 'session session');
    const signed = signer.sign({ user: 'ada' }, 1_000);
    assert.deepEqual(signer.read(signed, 1_010, 60), { value: { user: 'ada' }, ageS: 10 });
    assert.equal(new Signer([SECRET], 'session other').read(signed, 1_010, 60), undefined);
    assert.equal(signer.read(signed, 1_060, 60), undefined, 'it is too old');
    assert.equal(signer.read(signed, 900, 60), undefined, 'it is of the future');
    fc.assert(
      fc.property(fc.nat(signed.length - 1), fc.integer({ min: 33, max: 126 }), (at, code) => {
        const changed = signed.slice(0, at) + String.fromCharCode(code) + signed.slice(at + 1);
        const read = signer.read(changed, 1_010, 1e9);
        // The last char of base64url has bits to spare.
        assert.ok(read === undefined || changed === signed || at === signed.length - 1 || signed.indexOf('.') - 1 === at);
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });

  it('is an object without a prototype', async () => {
    const signer = new Signer([SECRET], 'session session');
    const evil = signer.sign(JSON.parse('{"__proto__":{"polluted":1},"a":1}'), Math.floor(Date.now() / 1_000));
    await using site = await kept();
    assert.equal((await site.ask('/look', [`Cookie: session=${evil}`])).body, '{"__proto__":{"polluted":1},"a":1}');
  });

  it('says when there is too much in it', async () => {
    await using site = await kept();
    assert.equal((await site.ask('/big')).status, 500);
    assert.match(
      site.server.log.map(({ message }) => message).join('\n'),
      /the session cookie has \d+ bytes: browsers keep 4096/,
    );
  });

  const CONFLICTS: readonly (readonly string[])[] = [
    ['same_site = None', 'secure = false'],
    ['cookie = __Host-session', 'path = /a'],
    ['cookie = __Secure-session', 'secure = false'],
  ];
  for (const lines of CONFLICTS) {
    it(`refuses ${lines.join(' with ')}, as browsers do`, async () => {
      assert.equal((await faultOf(kept(...lines))).code, 'OPTIONS_CONFLICT');
    });
  }

  it('refuses a secret that is short, at its line', async () => {
    const fault = await faultOf(kept('secrets = tooshort'));
    assert.deepEqual([fault.code, fault.at?.line], ['OPTION_INVALID', 7]);
  });
});
