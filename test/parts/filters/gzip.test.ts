// Answers that are compressed, and those that are not.

import assert from 'node:assert/strict';
import zlib, { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, it, mock } from 'node:test';
import * as fc from 'fast-check';
import { eventually, turns } from '../../support/eventually.ts';
import { filtered } from '../../support/filtered.ts';
import { faultOf } from '../../support/faults.ts';
import type { Heard } from '../../support/answers-of.ts';

const TIMEOUT = { timeout: 240_000 };

type Coder = ReturnType<typeof zlib.createGzip | typeof zlib.createBrotliCompress>;

/** Answers as the query says, as JSON: status, fields, how, bytes. */
const APP = `
const turn = () => new Promise((resolve) => setImmediate(resolve));
async function* pieces(text) {
  for (let at = 0; at < text.length; at += 1000) {
    await turn();
    yield Buffer.from(text.slice(at, at + 1000));
  }
}
async function* lazily(startResponse, head, text) {
  startResponse(...head);
  yield* pieces(text);
}
export const make = () => (environ, startResponse) => {
  const { status = '200 OK', fields = [], how = 'array', bytes = 2000 } = JSON.parse(decodeURIComponent(environ.QUERY_STRING || '{}'));
  const text = 'appserve '.repeat(bytes / 9 + 1).slice(0, bytes);
  const head = [status, [['Content-Type', 'text/plain'], ...fields]];
  if (how === 'lazily') return lazily(startResponse, head, text);
  const write = startResponse(...head);
  if (how === 'pieces') return pieces(text);
  if (how === 'written') return write(Buffer.from(text.slice(0, 100))).then(() => [Buffer.from(text.slice(100))]);
  if (how === 'empty') return [];
  return [Buffer.from(text.slice(0, 500)), Buffer.from(text.slice(500))];
};
`;

interface Asked {
  readonly status?: string;
  readonly fields?: readonly (readonly string[])[];
  readonly how?: 'array' | 'pieces' | 'lazily' | 'written' | 'empty';
  readonly bytes?: number;
}

const target = (asked: Asked = {}): string => `/?${encodeURIComponent(JSON.stringify(asked))}`;
const textOf = (bytes = 2_000): string => 'appserve '.repeat(bytes / 9 + 1).slice(0, bytes);

const DECODED: Readonly<Record<string, (bytes: Buffer) => Buffer>> = { gzip: gunzipSync, br: brotliDecompressSync };

function read({ fields, body }: Heard): [coding: string | undefined, text: string] {
  const [coding] = fields.get('content-encoding') ?? [];
  const bytes = Buffer.from(body, 'latin1');
  return [coding, (coding === undefined ? bytes : DECODED[coding]!(bytes)).toString()];
}

describe('gzip', TIMEOUT, () => {
  const CODINGS: Readonly<Record<string, string | undefined>> = {
    gzip: 'gzip',
    'gzip, br': 'br',
    'br;q=0.1, gzip': 'gzip',
    '*': 'br',
    'gzip;q=0': undefined,
    identity: undefined,
    'identity;q=1, gzip;q=0.5': undefined,
    GZIP: 'gzip',
    'x-gzip': 'gzip',
    'compress, deflate': undefined,
    'gzip;q=2': undefined,
    'gzip;;q=1': undefined,
    '': undefined,
  };
  for (const [accepted, coding] of Object.entries(CODINGS)) {
    it(`answers ${JSON.stringify(accepted)} with ${coding ?? 'the text itself'}`, async () => {
      await using site = await filtered('gzip', ['codings = br gzip'], APP);
      const heard = await site.ask(target(), [`Accept-Encoding: ${accepted}`]);
      assert.deepEqual(read(heard), [coding, textOf()]);
      assert.deepEqual(heard.fields.get('vary'), ['Accept-Encoding']);
    });
  }

  for (const how of ['array', 'pieces', 'lazily', 'written'] as const) {
    for (const bytes of [2_000, 200_000]) {
      it(`compresses ${bytes} bytes that come as ${how}`, async () => {
        await using site = await filtered('gzip', ['codings = gzip'], APP);
        const heard = await site.ask(target({ how, bytes }), ['Accept-Encoding: gzip']);
        assert.deepEqual(read(heard), ['gzip', textOf(bytes)]);
        assert.ok(heard.body.length < bytes / 10, `${heard.body.length} bytes`);
        assert.equal(heard.isWhole, true);
      });
    }
  }

  it('sends each piece when it is there', async () => {
    const app = `
      let go;
      export const make = () => (environ, startResponse) => {
        if (environ.PATH_INFO === '/go') go();
        startResponse('200 OK', [['Content-Type', 'text/event-stream']]);
        if (environ.PATH_INFO === '/go') return [];
        return (async function* () {
          yield Buffer.from('first');
          await new Promise((resolve) => (go = resolve));
          yield Buffer.from('second');
        })();
      };`;
    await using site = await filtered('gzip', ['codings = gzip', 'min_size = 0'], app);
    await using client = await site.server.client();
    await client.send('GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n');
    const before = await client.until((received) => /\r\n\r\n[0-9a-f]+\r\n[^]+\r\n/.test(received));
    assert.match(before, /Content-Encoding: gzip/i);
    await site.ask('/go');
    assert.ok((await client.untilEnd()).endsWith('0\r\n\r\n'));
  });

  const LEFT: Readonly<Record<string, Asked>> = {
    'what is short': { bytes: 999 },
    'what says that it is short': { fields: [['Content-Length', '999']], bytes: 999, how: 'pieces' },
    'what is compressed already': { fields: [['Content-Encoding', 'identity']] },
    'a part': { status: '206 Partial Content', fields: [['Content-Range', 'bytes 0-1999/4000']] },
    'what shall stay': { fields: [['Cache-Control', 'private, No-Transform']] },
    'what shall stay, and says it in a second field': {
      fields: [
        ['Cache-Control', 'private'],
        ['cache-control', 'no-transform'],
      ],
    },
  };
  for (const [what, asked] of Object.entries(LEFT)) {
    it(`leaves ${what}`, async () => {
      await using site = await filtered('gzip', ['codings = gzip'], APP);
      const heard = await site.ask(target(asked), ['Accept-Encoding: gzip']);
      assert.equal(heard.body, textOf(asked.bytes));
    });
  }

  it('leaves types that do not shrink, and takes those that it is told', async () => {
    const typed = APP.replace("'text/plain'", "'image/png'");
    await using site = await filtered('gzip', ['codings = gzip'], typed);
    const left = await site.ask(target(), ['Accept-Encoding: gzip']);
    assert.deepEqual([left.body, left.fields.get('vary')], [textOf(), undefined]);
    await using told = await filtered('gzip', ['codings = gzip', 'types = image/*'], typed);
    assert.equal(read(await told.ask(target(), ['Accept-Encoding: gzip']))[0], 'gzip');
  });

  it('tells no digest of the text beside other bytes', async () => {
    await using site = await filtered('gzip', ['codings = gzip'], APP);
    const names = ['Repr-Digest', 'Content-Digest', 'Digest', 'Content-MD5'];
    const asked = target({ fields: names.map((name) => [name, 'sha-256=:YQ==:']) });
    const unchanged = target({ status: '304 Not Modified', fields: names.map((name) => [name, 'sha-256=:YQ==:']), how: 'empty' });
    for (const compressed of [asked, unchanged]) {
      const { fields } = await site.ask(compressed, ['Accept-Encoding: gzip']);
      for (const name of names) assert.equal(fields.get(name.toLowerCase()), undefined, name);
    }
    const { fields } = await site.ask(asked);
    for (const name of names) assert.deepEqual(fields.get(name.toLowerCase()), ['sha-256=:YQ==:']);
  });

  it('has no words that a client could mistake: length, strong ETag, ranges', async () => {
    await using site = await filtered('gzip', ['codings = gzip'], APP);
    const fields = [
      ['Content-Length', '2000'],
      ['ETag', '"a"'],
      ['Accept-Ranges', 'bytes'],
      ['Vary', 'Cookie'],
    ];
    const heard = await site.ask(target({ fields }), ['Accept-Encoding: gzip']);
    assert.deepEqual(heard.fields.get('content-length'), [String(heard.body.length)]);
    assert.deepEqual([heard.fields.get('etag'), heard.fields.get('accept-ranges')], [['W/"a"'], undefined]);
    assert.deepEqual(heard.fields.get('vary'), ['Cookie', 'Accept-Encoding']);
    const unchanged = await site.ask(target({ status: '304 Not Modified', fields: [['ETag', '"a"']], how: 'empty' }), [
      'Accept-Encoding: gzip',
    ]);
    assert.deepEqual([unchanged.fields.get('etag'), unchanged.fields.get('vary')], [['W/"a"'], ['Accept-Encoding']]);
  });

  for (const how of ['array', 'pieces', 'lazily', 'written'] as const) {
    it(`says to HEAD what it says to GET: ${how}`, async () => {
      await using site = await filtered('gzip', ['codings = gzip'], APP);
      const asked = target({ how, fields: [['ETag', '"a"']] });
      const got = await site.ask(asked, ['Accept-Encoding: gzip']);
      const heard = await site.ask(asked, ['Accept-Encoding: gzip'], { method: 'HEAD' });
      for (const name of ['content-encoding', 'content-length', 'etag', 'vary'])
        assert.deepEqual(heard.fields.get(name), got.fields.get(name), name);
      assert.equal(heard.body, '');
    });
  }

  it('tells HEAD no length that it does not know', async () => {
    await using site = await filtered('gzip', ['codings = gzip'], APP);
    const fields = [['Content-Length', '5000']];
    const heard = await site.ask(target({ how: 'empty', fields }), ['Accept-Encoding: gzip'], { method: 'HEAD' });
    assert.deepEqual([heard.fields.get('content-encoding'), heard.fields.get('content-length')], [['gzip'], undefined]);
  });

  it('leaves what says nothing of its length to HEAD', async () => {
    await using site = await filtered('gzip', ['codings = gzip'], APP);
    const heard = await site.ask(target({ how: 'empty' }), ['Accept-Encoding: gzip'], { method: 'HEAD' });
    assert.deepEqual([heard.status, heard.body, heard.fields.get('vary')], [200, '', ['Accept-Encoding']]);
  });

  it('refuses a coding that there is not', async () => {
    const fault = await faultOf(filtered('gzip', ['codings = gzip, lzma'], APP));
    assert.deepEqual([fault.code, fault.at?.line], ['OPTION_INVALID', 6]);
  });

  it('answers whatever stands in Accept-Encoding', async () => {
    await using site = await filtered('gzip', ['codings = br gzip', 'min_size = 0'], APP);
    const word = fc.constantFrom(
      'gzip',
      'br',
      '*',
      'identity',
      ';',
      ',',
      'q=',
      '0',
      '1',
      '0.5',
      '1.0001',
      ' ',
      '\t',
      '"',
      '=',
      'x'.repeat(99),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 20 }), async (words) => {
        const heard = await site.ask(target({ bytes: 50 }), [`Accept-Encoding: ${words.join('')}`]);
        assert.equal(read(heard)[1], textOf(50));
      }),
      { seed: 9, numRuns: 100 },
    );
  });
});

/** What zlib holds is not on our heap: no collector hurries for it. */
describe('an answer that is given up', TIMEOUT, () => {
  const GIVEN_UP: Readonly<Record<string, string>> = {
    'between two pieces': 'yield TEXT; await left();',
    'while its first piece is made': 'await left(); yield TEXT; yield TEXT;',
    'while it never stops': 'for (;;) { await turn(); yield NOISE(); }',
    'by an app that fails behind a piece': "yield TEXT; throw new Error('no more');",
    'by an app that fails behind what it has written': "await write(TEXT); throw new Error('no more');",
  };
  const HELPERS = `
    import { randomBytes } from 'node:crypto';
    const TEXT = Buffer.from('appserve '.repeat(1000));
    const NOISE = () => Buffer.from(randomBytes(48_000).toString('base64'));
    const turn = () => new Promise((resolve) => setImmediate(resolve));`;

  for (const [when, body] of Object.entries(GIVEN_UP)) {
    for (const [coding, method] of [
      ['br', 'createBrotliCompress'],
      ['gzip', 'createGzip'],
    ] as const) {
      it(`${when} keeps no ${coding} of zlib`, async () => {
        const made: Coder[] = [];
        const create = zlib[method].bind(zlib) as (options: object) => Coder;
        const making = mock.method(zlib, method, (options: object) => {
          const coder = create(options);
          made.push(coder);
          return coder;
        });
        const told = { begun: 0, ended: 0 };
        Object.assign(globalThis, { told });
        const app = `${HELPERS}
          async function* pieces(write, left) {
            told.begun += 1;
            try { ${body} } finally { told.ended += 1; }
          }
          export const make = () => (environ, startResponse) => {
            const signal = environ['wsgi.signal']();
            const left = () => new Promise((resolve) => {
              if (signal.aborted) resolve();
              else signal.addEventListener('abort', () => setImmediate(resolve));
            });
            return pieces(startResponse('200 OK', [['Content-Type', 'text/plain']]), left);
          };`;
        try {
          await using site = await filtered('gzip', [`codings = ${coding}`], app, { listen: 'tcp' });
          await using client = await site.server.client();
          await client.send(`GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${coding}\r\n\r\n`);
          await eventually('the app has begun', () => told.begun === 1);
          if (!when.startsWith('while its first')) await eventually('it is compressed', () => made.length > 0);
          client.reset();
          await eventually('the app has ended', () => told.ended === 1);
          await turns(20);
          assert.deepEqual(
            made.map(({ destroyed }) => destroyed),
            made.map(() => true),
          );
        } finally {
          making.mock.restore();
        }
      });
    }
  }
});
