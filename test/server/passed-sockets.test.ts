// What systemd says of the sockets that it passes, and what a socket's name in bytes means. No socket is opened here.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressOfName, chosen, readPassedSockets, type PassedSocket } from '@appserve/server/machines';

const PID = 4_711;

function passed(many: string | undefined, names?: string, pid: string | undefined = String(PID)): readonly PassedSocket[] {
  return readPassedSockets({ LISTEN_PID: pid, LISTEN_FDS: many, LISTEN_FDNAMES: names }, PID);
}

function whyNot(read: () => unknown): readonly [message: string, hint: string | undefined] {
  try {
    read();
  } catch (error) {
    const { code, message, hint } = error as { code: string; message: string; hint: string | undefined };
    assert.equal(code, 'SOCKETS_NOT_PASSED');
    return [message.replace('cannot take the sockets of systemd: ', ''), hint];
  }
  throw new Error('it was not refused');
}

describe('the sockets that systemd passes', () => {
  it('begin at descriptor 3, in their order', () => {
    assert.deepEqual(passed('2', 'web:admin'), [
      { fd: 3, name: 'web' },
      { fd: 4, name: 'admin' },
    ]);
  });

  it('are unknown where nobody names them', () => {
    assert.deepEqual(passed('1'), [{ fd: 3, name: 'unknown' }]);
  });

  const REFUSED: readonly (readonly [what: string, read: () => unknown, why: string, hint?: RegExp])[] = [
    ['nothing said', () => readPassedSockets({}, PID), 'systemd passed none', /start the socket unit/],
    ['a number, and no process', () => passed('1', undefined, ''), 'LISTEN_PID= is no process id'],
    ['none', () => passed('0'), 'systemd passed none: LISTEN_FDS=0', /start the socket unit/],
    [
      'another process',
      () => passed('1', undefined, '12'),
      'they are for process 12 (LISTEN_PID), and this is process 4711',
      /npm, npx/,
    ],
    ['no process id', () => passed('1', undefined, 'x'), 'LISTEN_PID=x is no process id'],
    ['no number', () => passed('two'), 'LISTEN_FDS=two is no number'],
    ['a negative number', () => passed('-1'), 'LISTEN_FDS=-1 is no number'],
    ['fewer names than sockets', () => passed('2', 'web'), 'LISTEN_FDNAMES=web has 1 names, but LISTEN_FDS=2'],
    ['more names than sockets', () => passed('1', 'a:b'), 'LISTEN_FDNAMES=a:b has 2 names, but LISTEN_FDS=1'],
  ];
  for (const [what, read, wanted, hint] of REFUSED) {
    it(`are refused with ${what}`, () => {
      const [why, next] = whyNot(read);
      assert.equal(why, wanted);
      if (hint === undefined) assert.equal(next, undefined);
      else assert.match(next!, hint);
    });
  }

  const THREE = passed('3', 'web:admin:web');

  it('can be chosen by name, several of one name as well', () => {
    assert.deepEqual(
      chosen(THREE, 'admin').map(({ fd }) => fd),
      [4],
    );
    assert.deepEqual(
      chosen(THREE, 'web').map(({ fd }) => fd),
      [3, 5],
    );
    assert.deepEqual(chosen(THREE, undefined), THREE);
  });

  it('are told by name where the name is not there', () => {
    assert.deepEqual(
      whyNot(() => chosen(THREE, 'amdin')),
      ['none of them is named amdin', 'did you mean admin?'],
    );
    assert.deepEqual(
      whyNot(() => chosen(THREE, 'metrics')),
      ['none of them is named metrics', 'systemd passed web or admin: set FileDescriptorName= in the socket unit'],
    );
  });
});

/** A sockaddr of Linux on this machine. */
function name(family: number, rest: readonly number[] | string): Buffer {
  return Buffer.concat([Buffer.from(Uint16Array.of(family).buffer), Buffer.from(rest as string)]);
}

const LOOPBACK6 = [0x1f, 0x90, 0, 0, 0, 0, ...Buffer.alloc(15), 1, 0, 0, 0, 0];

const NAMES: readonly (readonly [what: string, bytes: Buffer, address: object | undefined])[] = [
  ['IPv4', name(2, [0x1f, 0x90, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]), { type: 'tcp', host: '127.0.0.1', port: 8080 }],
  ['IPv6', name(10, LOOPBACK6), { type: 'tcp', host: '::1', port: 8080 }],
  ['a unix path', name(1, '/run/app.sock\0'), { type: 'unix', path: '/run/app.sock' }],
  ['a unix path of all bytes there are', name(1, `/${'x'.repeat(107)}`), { type: 'unix', path: `/${'x'.repeat(107)}` }],
  ['an abstract unix name', name(1, '\0app'), { type: 'unix', path: '@app' }],
  ['a unix socket without a name', name(1, ''), { type: 'unix', path: '' }],
  ['bluetooth', name(31, [1, 2, 3, 4, 5, 6, 7, 8]), undefined],
  ['too few bytes of IPv4', name(2, [0x1f, 0x90]), undefined],
  ['too few bytes of IPv6', name(10, [0x1f, 0x90, 0, 0, 0, 0]), undefined],
  ['nothing', Buffer.alloc(0), undefined],
];

describe('the name of a socket', () => {
  for (const [what, bytes, address] of NAMES) {
    it(`is read: ${what}`, () => assert.deepEqual(addressOfName(bytes, false), address));
  }

  it('is read as macOS writes it', () => {
    const bytes = Buffer.from([16, 2, 0x1f, 0x90, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(addressOfName(bytes, true), { type: 'tcp', host: '10.0.0.1', port: 8080 });
  });
});
