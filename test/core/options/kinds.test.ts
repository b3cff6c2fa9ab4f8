// What a value can be: one table a kind, of what it takes and what it refuses.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  bool,
  choice,
  count,
  countOr,
  exported,
  list,
  parsed,
  path,
  pathOrNone,
  seconds,
  size,
  text,
  type Kind,
} from '@appserve/core/options';

interface Table {
  readonly name: string;
  readonly kind: Kind<unknown>;
  readonly takes: readonly (readonly [raw: unknown, value: unknown])[];
  readonly refuses: readonly unknown[];
}

const TABLES: readonly Table[] = [
  {
    name: 'a path, without a comment behind it',
    kind: path(),
    takes: [
      ['/run/a b#1.pid', '/run/a b#1.pid'],
      ['#a', '#a'],
      ['None', 'None'],
    ],
    refuses: ['', '- # stdout', 'a.log ; the log', 'a.log #', 7, undefined],
  },
  {
    name: 'a path or None',
    kind: pathOrNone('the path of a file'),
    takes: [
      ['None', undefined],
      ['a', 'a'],
    ],
    refuses: ['', 'a # b', 7],
  },
  {
    name: 'a count',
    kind: count(),
    takes: [
      ['0', 0],
      ['42', 42],
      ['007', 7],
      [42, 42],
      ['999999999999999', 999_999_999_999_999],
      [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ],
    refuses: [
      '',
      ' 1',
      '1 ',
      '-1',
      '+1',
      '1.0',
      '1e3',
      '0x10',
      '1_000',
      '٣',
      'one',
      -1,
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ],
  },
  {
    name: 'text of a form of its own',
    kind: parsed((raw) => (/^v[0-9]$/.test(raw) ? Number(raw[1]) : undefined), 'a version'),
    takes: [
      ['v0', 0],
      ['v9', 9],
    ],
    refuses: ['', 'v', 'v10', 9, null, ['v1']],
  },
  { name: 'any count', kind: count(), takes: [], refuses: [2 ** 53, null, true, [1], {}, '9'.repeat(16)] },
  {
    name: 'a count within limits',
    kind: count({ min: 1, max: 3 }),
    takes: [
      ['1', 1],
      [3, 3],
    ],
    refuses: ['0', '4', 0, 4],
  },
  {
    name: 'a count or a word',
    kind: countOr({ unlimited: Number.POSITIVE_INFINITY, None: undefined }, { min: 1 }),
    takes: [
      ['1', 1],
      ['unlimited', Number.POSITIVE_INFINITY],
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
      ['None', undefined],
    ],
    refuses: ['0', 'Unlimited', 'none', 'toString', '__proto__', Number.NaN, null],
  },
  {
    name: 'a time',
    kind: seconds(),
    takes: [
      ['30', 30_000],
      ['0', 0],
      ['30s', 30_000],
      ['30 s', 30_000],
      ['500ms', 500],
      ['2m', 120_000],
      ['1h', 3_600_000],
      [500, 500],
      ['2147483647ms', 2_147_483_647],
    ],
    refuses: [
      '',
      '30 ',
      's',
      '30S',
      '1.5s',
      '-1',
      '30sec',
      '1h30m',
      '30  s',
      ' 30',
      '1d',
      1.5,
      -1,
      Number.POSITIVE_INFINITY,
      null,
      ['30'],
    ],
  },
  { name: 'a time that a timer can wait', kind: seconds(), takes: [], refuses: ['2147483648ms', '597h', 2 ** 31] },
  { name: 'a time of a method name', kind: seconds(), takes: [], refuses: ['1constructor', '1toString'] },
  {
    name: 'a time that is long enough',
    kind: seconds({ minMs: 1_000 }),
    takes: [
      ['1', 1_000],
      [1_000, 1_000],
    ],
    refuses: ['999ms', 999, '0'],
  },
  {
    name: 'a time that is long enough, or none',
    kind: seconds({ minMs: 1_000, off: true }),
    takes: [
      ['1', 1_000],
      ['0', 0],
      [0, 0],
    ],
    refuses: ['999ms', 1],
  },
  {
    name: 'a size',
    kind: size(),
    takes: [
      ['8190', 8_190],
      ['8190B', 8_190],
      ['16KiB', 16_384],
      ['16 KiB', 16_384],
      ['1MiB', 1_048_576],
      ['1GiB', 1_073_741_824],
      ['1kB', 1_000],
      ['1MB', 1_000_000],
      ['1GB', 1_000_000_000],
      [8_190, 8_190],
    ],
    refuses: ['', '16 ', '16K', '16kib', '16KB', '1.5MiB', '-1', 'unlimited', '9007199254740992', '999999999999999GiB', -1, 0.5],
  },
  {
    name: 'a size without a limit',
    kind: size({ min: 64, unlimited: true }),
    takes: [
      ['unlimited', Number.POSITIVE_INFINITY],
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
      ['64', 64],
    ],
    refuses: ['63', 'Infinity', Number.NEGATIVE_INFINITY, Number.NaN],
  },
  {
    name: 'a truth',
    kind: bool(),
    takes: [
      ...['true', 'True', 'TRUE', 'yes', 'on', 'y', 't', '1'].map((word) => [word, true] as const),
      ...['false', 'False', 'no', 'off', 'n', 'f', '0'].map((word) => [word, false] as const),
      [true, true],
      [false, false],
    ],
    refuses: ['', 'enabled', 'none', ' true', '2', 1, 0, null, ['true']],
  },
  {
    name: 'a choice',
    kind: choice('info', 'debug'),
    takes: [['debug', 'debug']],
    refuses: ['', 'Debug', 'warn', 0, null, ['info']],
  },
  {
    name: 'a list',
    kind: list(),
    takes: [
      ['', []],
      ['a', ['a']],
      [' a  b\n\tc\r\n', ['a', 'b', 'c']],
      [
        ['a b', 'c'],
        ['a b', 'c'],
      ],
      [[], []],
    ],
    refuses: [1, null, ['a', 1], { 0: 'a' }],
  },
  {
    name: 'a text',
    kind: text(),
    takes: [['a b', 'a b']],
    refuses: ['', 1, null, ['a']],
  },
  {
    name: 'an export',
    kind: exported('an export'),
    takes: [
      ['file:///srv/a.js#Handler', { module: 'file:///srv/a.js', export: 'Handler' }],
      [new URL('./a.js#Shop.Handler', 'file:///srv/'), { module: 'file:///srv/a.js', export: 'Shop.Handler' }],
      [
        { module: 'file:///srv/a.js', export: 'Handler' },
        { module: 'file:///srv/a.js', export: 'Handler' },
      ],
    ],
    refuses: ['', 'shop#Handler', './a.js#Handler', 'file:///srv/a.js', 'file:///srv/a.js#', {}, null, { module: 'a' }],
  },
];

for (const { name, kind, takes, refuses } of TABLES) {
  describe(name, () => {
    for (const [raw, value] of takes) {
      it(`may be written ${shown(raw)}`, () => {
        assert.deepEqual(kind.schema.parse(raw), value);
      });
    }

    for (const raw of refuses) {
      it(`is not ${shown(raw)}`, () => {
        assert.equal(kind.schema.safeParse(raw).success, false);
      });
    }
  });
}

describe('a time that is refused', () => {
  const kind = seconds({ minMs: 1_000 });
  const LONGEST = 'the longest is 2147483s, which is 24 days';
  for (const [raw, why] of [
    ['60000000', LONGEST],
    ['597h', LONGEST],
    [2 ** 31, LONGEST],
    ['500ms', undefined],
    ['-1', 'it is negative'],
    ['soon', undefined],
  ] as const) {
    it(`is told ${why ?? 'no more than what is allowed'}: ${shown(raw)}`, () => {
      assert.equal(kind.schema.safeParse(raw).success, false);
      assert.equal(kind.whyNot?.(raw), why);
    });
  }

  it('may be as long as it is said', () => assert.equal(kind.schema.parse('2147483s'), 2_147_483_000));
});

describe('what is allowed', () => {
  const sentences: readonly (readonly [Kind<unknown>, string])[] = [
    [count(), 'a whole number'],
    [count({ min: 1 }), 'a whole number >= 1'],
    [count({ max: 65_535 }), 'a whole number from 0 to 65535'],
    [countOr({ auto: 'auto', unlimited: Number.POSITIVE_INFINITY }, { min: 1 }), 'a whole number >= 1 or auto or unlimited'],
    [seconds({ minMs: 1_000 }), 'a time such as 30, 30s, 500ms or 2m, at least 1000ms'],
    [seconds({ minMs: 1_000, off: true }), 'a time such as 30, 30s, 500ms or 2m, at least 1000ms, or 0'],
    [size({ min: 64, unlimited: true }), 'a size such as 8190, 16KiB or 1GiB, at least 64 bytes, or unlimited'],
    [choice('info', 'debug'), 'one of info, debug'],
  ];
  for (const [kind, allowed] of sentences) {
    it(`is said in words: ${allowed}`, () => {
      assert.equal(kind.allowed, allowed);
    });
  }
});

describe('what is refused', () => {
  const vowels = list(
    'vowels',
    'VOWELS',
    (word) => /^[aeiou]$/.test(word),
    (word) => `${word} is a consonant`,
  );
  const reasons: readonly (readonly [Kind<unknown>, unknown, string | undefined])[] = [
    [vowels, 'a e', undefined],
    [vowels, 'a b c', 'b is a consonant'],
    [vowels, ['a', 'b'], 'b is a consonant'],
    [vowels, 'a, e', 'there is a comma in a,: words are parted by white space'],
    [vowels, 'a,e', 'there is a comma in a,e: words are parted by white space'],
    [vowels, 7, undefined],
    [list('digits', 'DIGITS', (word) => /^[0-9]$/.test(word)), '1 x', 'x is none'],
    [seconds(), '-1', 'it is negative'],
    [seconds(), -1, 'it is negative'],
    [seconds(), '30sec', 'sec is none of s, ms, m, h'],
    [seconds(), 'soon', undefined],
    [seconds(), Object.create(null), undefined],
    [size(), '-1KiB', 'it is negative'],
    [size(), '16 K', 'K is none of B, kB, MB, GB, KiB, MiB, GiB'],
    [size({ min: 64 }), '16B', undefined],
  ];
  for (const [nth, [kind, raw, reason]] of reasons.entries()) {
    it(`is told why, where more is known than what is allowed: ${nth + 1}, ${shown(raw)}`, () => {
      assert.equal(kind.whyNot?.(raw), reason);
    });
  }
});

function shown(raw: unknown): string {
  return typeof raw === 'number' ? String(raw) : JSON.stringify(raw);
}
