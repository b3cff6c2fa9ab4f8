// What an app may say in the head of a response. A mistake is an error in the app, and never bytes on the wire.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isBodyless, reasonPhrase, ResponseHead } from '@appserve/core/message';
import { heldBytes } from '../../support/memory.ts';

const INVALID_FIELD = { name: 'Fault', code: 'RESPONSE_FIELD_INVALID', blame: 'app', status: 500 };
const INVALID_STATUS = { name: 'Fault', code: 'RESPONSE_STATUS_INVALID', blame: 'app', status: 500 };

const ALL = Array.from({ length: 0x110 }, (_, code) => String.fromCharCode(code));

function takes(flat: readonly string[]): boolean {
  try {
    return new ResponseHead(200, 'OK', flat).fields.size > 0;
  } catch {
    return false;
  }
}

describe('the name of a response field', () => {
  it('is a token (RFC 9110 §5.6.2), and holds no other character', () => {
    const taken = ALL.filter((char) => takes([`X${char}Y`, 'value']));
    assert.equal(taken.join(''), "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~");
  });

  for (const name of ['', ' ', 'X ', ' X', 'X:', 'X\r\nY', 'X\n', 'Ġ']) {
    it(`is not ${JSON.stringify(name)}`, () => {
      assert.throws(() => new ResponseHead(200, 'OK', [name, 'value']), INVALID_FIELD);
    });
  }

  for (const [name, what] of [
    [undefined, 'undefined'],
    [1, 'number'],
    [null, 'object'],
    [['X'], 'object'],
  ] as const) {
    it(`is text, not ${JSON.stringify(name)}`, () => {
      assert.throws(() => new ResponseHead(200, 'OK', [name as unknown as string, 'value']), {
        ...INVALID_FIELD,
        message: new RegExp(`the name is a ${what}, not text`),
      });
    });
  }

  it('is refused again when it comes again', () => {
    for (let count = 0; count < 3; count += 1) {
      assert.throws(() => new ResponseHead(200, 'OK', ['X Y', 'value']), INVALID_FIELD);
    }
  });
});

describe('the value of a response field', () => {
  it('is HTAB, printable ASCII and the upper half of latin1 (RFC 9110 §5.5), and holds no other character', () => {
    const refused = ALL.filter((char) => !takes(['X', `a${char}b`]));
    const controls = ALL.slice(0, 0x20).filter((char) => char !== '\t');
    assert.deepEqual(refused, [...controls, '\x7f', ...ALL.slice(0x100)]);
  });

  for (const value of ['a\r\nSet-Cookie: b', 'a\nb', 'a\rb', '\n', 'a\n', 'a\0', 'aĊb', 'aĀb', '\u{1f600}', '\ud800', '€']) {
    it(`is not ${JSON.stringify(value)}`, () => {
      assert.throws(() => new ResponseHead(200, 'OK', ['X', value]), INVALID_FIELD);
    });
  }

  it('may be empty', () => {
    assert.equal(new ResponseHead(200, 'OK', ['X', '']).fields.get('X'), '');
  });

  for (const value of [undefined, null, 1, true, ['a'], { toString: () => 'a' }]) {
    it(`is text, not ${JSON.stringify(value)}`, () => {
      assert.throws(() => new ResponseHead(200, 'OK', ['X', value as unknown as string]), {
        ...INVALID_FIELD,
        message: /the value is a \w+, not text/,
      });
    });
  }

  it('is checked in every line', () => {
    assert.throws(() => new ResponseHead(200, 'OK', ['Connection', 'close', 'X', 'a', 'X', 'b\n']), INVALID_FIELD);
  });
});

describe('the status of a response', () => {
  it('is from 200 to 999', () => {
    for (const status of [200, 204, 418, 599, 999]) assert.equal(ResponseHead.of(status, []).status, status);
  });

  for (const status of [100, 101, 103, 199, 0, -200, 1_000, 200.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`is not ${status}`, () => {
      assert.throws(() => ResponseHead.of(status, []), INVALID_STATUS);
    });
  }

  it('has a reason of its own, or that of the registry', () => {
    assert.equal(new ResponseHead(404, 'Gone Fishing', []).reason, 'Gone Fishing');
    assert.equal(ResponseHead.of(404, []).reason, 'Not Found');
  });

  for (const reason of ['OK\r\nX: y', 'OK\n', 'O\0K', 'O\x7fK', 'OĊK']) {
    it(`has no reason such as ${JSON.stringify(reason)}`, () => {
      assert.throws(() => new ResponseHead(200, reason, []), INVALID_STATUS);
    });
  }
});

describe('a status line of a gateway app', () => {
  for (const [text, status, reason] of [
    ['200 OK', 200, 'OK'],
    ['404 Not Found', 404, 'Not Found'],
    ['200', 200, ''],
    ['200 ', 200, ''],
    ['299 a  b ', 299, 'a  b '],
    ['200 caf\xe9\t!', 200, 'caf\xe9\t!'],
    ['999 Last', 999, 'Last'],
  ] as const) {
    it(`is ${JSON.stringify(text)}`, () => {
      const head = ResponseHead.fromStatusText(text, []);
      assert.deepEqual([head.status, head.reason], [status, reason]);
    });
  }

  for (const text of [
    '',
    'OK',
    '20 OK',
    '2000 OK',
    '200OK',
    '200\tOK',
    ' 200 OK',
    '099 No',
    '100 Continue',
    '101 Switching Protocols',
    '-20 OK',
    '2e2 OK',
    '٢٠٠ OK',
    'HTTP/1.1 200 OK',
    '200 OK\n',
    '200 OK\r\nX: y',
    '200 O\0K',
    '200 OĊK',
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.throws(() => ResponseHead.fromStatusText(text, []), INVALID_STATUS);
    });
  }

  for (const value of [undefined, null, 200, ['200 OK'], {}] as unknown[] as string[]) {
    it(`is text, not ${JSON.stringify(value)}`, () => {
      assert.throws(() => ResponseHead.fromStatusText(value, []), INVALID_STATUS);
    });
  }

  it('is refused again when it comes again', () => {
    for (let count = 0; count < 3; count += 1) {
      assert.throws(() => ResponseHead.fromStatusText('100 Continue', []), INVALID_STATUS);
    }
  });
});

describe('Content-Length in a response', () => {
  it('is known in any spelling of its name', () => {
    assert.equal(new ResponseHead(200, 'OK', ['content-LENGTH', '5']).contentLength, 5);
  });

  it('is -1 when there is none', () => {
    assert.equal(new ResponseHead(200, 'OK', ['X', '5']).contentLength, -1);
  });

  it('may be as large as a number can tell apart', () => {
    assert.equal(new ResponseHead(200, 'OK', ['Content-Length', '9007199254740991']).contentLength, Number.MAX_SAFE_INTEGER);
  });

  for (const value of [
    '',
    ' 5',
    '5 ',
    '+5',
    '-5',
    '5.0',
    '0x5',
    '1e1',
    '5, 5',
    '5\t',
    'five',
    '9007199254740992',
    '1'.repeat(17),
  ]) {
    it(`is not ${JSON.stringify(value)}`, () => {
      assert.throws(() => new ResponseHead(200, 'OK', ['Content-Length', value]), INVALID_FIELD);
    });
  }

  it('stands once, even if it would say the same', () => {
    assert.throws(() => new ResponseHead(200, 'OK', ['Content-Length', '5', 'content-length', '5']), INVALID_FIELD);
    assert.throws(() => new ResponseHead(200, 'OK', ['Content-Length', '0', 'Content-Length', '0']), INVALID_FIELD);
  });
});

describe('the connection of a response', () => {
  for (const name of ['Transfer-Encoding', 'transfer-encoding', 'Keep-Alive', 'Proxy-Connection', 'TE']) {
    it(`is the server's: ${name} is forbidden (RFC 9110 §7.6.1)`, () => {
      assert.throws(() => new ResponseHead(200, 'OK', [name, 'chunked']), {
        code: 'RESPONSE_FIELD_FORBIDDEN',
        blame: 'app',
        message: `the app may not send ${name}`,
      });
    });
  }

  it('closes when the app asks for it', () => {
    assert.equal(new ResponseHead(200, 'OK', ['Connection', 'close']).wantsClose, true);
    assert.equal(new ResponseHead(200, 'OK', ['connection', 'x ,\tCLOSE']).wantsClose, true);
  });

  it('stays when the app says anything else', () => {
    assert.equal(new ResponseHead(200, 'OK', ['Connection', 'keep-alive']).wantsClose, false);
    assert.equal(new ResponseHead(200, 'OK', ['Connection', 'closed']).wantsClose, false);
    assert.equal(new ResponseHead(200, 'OK', ['X', 'close']).wantsClose, false);
  });

  it('closes by any of several lines', () => {
    assert.equal(new ResponseHead(200, 'OK', ['Connection', 'close', 'Connection', 'keep-alive']).wantsClose, true);
  });

  it('is not among the fields that are sent', () => {
    const head = new ResponseHead(200, 'OK', ['A', '1', 'Connection', 'close', 'B', '2', 'CONNECTION', 'x']);
    assert.deepEqual(head.fields.flat, ['A', '1', 'B', '2']);
  });
});

// Before the tests that fill what is remembered.
describe('what is remembered from head to head', () => {
  const MIB = 1_024 * 1_024;
  /** Cut out of a text of a mebibyte, which V8 holds as long as the cut is held. */
  const cutOut = (text: string): string => `${'x'.repeat(MIB)}${text}`.slice(MIB);

  const CUTS: readonly (readonly [what: string, make: (number: number) => ResponseHead])[] = [
    ['a value', (number) => ResponseHead.of(200, [`X-Value-${number}`, cutOut(`a value for number ${number}`)])],
    ['a name', (number) => ResponseHead.of(200, [cutOut(`X-Name-Of-Number-${number}`), 'value'])],
    ['a status', (number) => ResponseHead.fromStatusText(cutOut(`200 Right for number ${number}`), [])],
  ];
  for (const [what, make] of CUTS) {
    it(`is ${what}, and never the long text that it was cut out of`, () => {
      const before = heldBytes();
      for (let number = 0; number < 20; number += 1) make(number);
      const bytes = heldBytes() - before;
      assert.ok(bytes < 5 * MIB, `${bytes} bytes are held`);
    });
  }

  it('is a line that comes again and again, and right however values change', () => {
    const values = ['a', 'b', 'a', 'a', ...Array.from({ length: 100 }, (_, number) => `v${number >> 2}`), 'a'];
    const lines = values.map((value) => ResponseHead.of(200, ['X-Changing', value]).lines);
    assert.deepEqual(
      lines,
      values.map((value) => `X-Changing: ${value}\r\n`),
    );
  });
});

describe('the fields of a response', () => {
  it('stay as they were written, in their order', () => {
    const flat = ['b', '1', 'A', '2', 'b', '3', 'Set-Cookie', 'x', 'Set-Cookie', 'y'];
    assert.deepEqual(new ResponseHead(200, 'OK', flat).fields.flat, flat);
  });

  it('tell whether the app has a Date and a Server of its own', () => {
    const { hasDate, hasServer } = new ResponseHead(200, 'OK', ['DATE', 'today', 'server', 'mine']);
    assert.deepEqual([hasDate, hasServer], [true, true]);
  });

  it('tell whether it has not', () => {
    const { hasDate, hasServer, upgrade } = new ResponseHead(200, 'OK', ['X-Date', 'today']);
    assert.deepEqual([hasDate, hasServer, upgrade], [false, false, undefined]);
  });

  it('tell the protocol that the app would change to', () => {
    assert.equal(new ResponseHead(426, '', ['upgrade', 'HTTP/3.0']).upgrade, 'HTTP/3.0');
  });

  it('are as right with the ten thousandth name as with the first', () => {
    for (let count = 0; count < 10_000; count += 1) ResponseHead.of(200, [`X-${count}`, '']);
    assert.throws(() => new ResponseHead(200, 'OK', ['X-10000\n', '']), INVALID_FIELD);
    assert.throws(() => new ResponseHead(200, 'OK', ['tE', '']), { code: 'RESPONSE_FIELD_FORBIDDEN' });
    assert.equal(new ResponseHead(200, 'OK', ['cONTENT-lENGTH', '5']).contentLength, 5);
  });
});

describe('a status as such', () => {
  it('has the phrase of the registry', () => {
    assert.equal(reasonPhrase(404), 'Not Found');
    assert.equal(reasonPhrase(431), 'Request Header Fields Too Large');
  });

  it('that nobody registered has an empty phrase (RFC 9112 §4)', () => {
    assert.equal(reasonPhrase(299), '');
  });

  it('of 1xx, 204 and 304 is never followed by content (RFC 9110 §6.4.1)', () => {
    assert.deepEqual(
      [100, 103, 199, 200, 204, 205, 206, 304, 404].filter((status) => isBodyless(status)),
      [100, 103, 199, 204, 304],
    );
  });
});
