// What operators write for a socket.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Address } from '@appserve/server';
import { formatAddress, parseAddress, repeatedAddress, urlOf } from '@appserve/server/machines';

const tcp = (host: string, port: number): object => ({ type: 'tcp', host, port });
const unix = (path: string): object => ({ type: 'unix', path });

const GOOD: readonly (readonly [text: string, address: object, url: string])[] = [
  ['127.0.0.1:8080', tcp('127.0.0.1', 8080), 'http://127.0.0.1:8080'],
  ['127.0.0.1:0', tcp('127.0.0.1', 0), 'http://127.0.0.1:0'],
  ['127.0.0.1:65535', tcp('127.0.0.1', 65_535), 'http://127.0.0.1:65535'],
  ['localhost:8080', tcp('localhost', 8080), 'http://localhost:8080'],
  ['a-b.example.org:80', tcp('a-b.example.org', 80), 'http://a-b.example.org:80'],
  [':8080', tcp('', 8080), 'http://localhost:8080'],
  ['*:8080', tcp('', 8080), 'http://localhost:8080'],
  ['0.0.0.0:8080', tcp('0.0.0.0', 8080), 'http://localhost:8080'],
  ['[::]:8080', tcp('::', 8080), 'http://localhost:8080'],
  ['[::1]:8080', tcp('::1', 8080), 'http://[::1]:8080'],
  ['[2001:DB8::1]:80', tcp('2001:DB8::1', 80), 'http://[2001:DB8::1]:80'],
  ['/run/app.sock', unix('/run/app.sock'), 'unix:/run/app.sock'],
  ['./app.sock', unix('./app.sock'), 'unix:./app.sock'],
  ['run/app.sock', unix('run/app.sock'), 'unix:run/app.sock'],
  ['unix:app.sock', unix('app.sock'), 'unix:app.sock'],
  ['unix:/run/app:8080.sock', unix('/run/app:8080.sock'), 'unix:/run/app:8080.sock'],
  [`/${'x'.repeat(106)}`, unix(`/${'x'.repeat(106)}`), `unix:/${'x'.repeat(106)}`],
];

const INHERITED: readonly (readonly [text: string, address: object])[] = [
  ['fd:3', { type: 'fd', fd: 3 }],
  ['fd:0', { type: 'fd', fd: 0 }],
  ['systemd', { type: 'systemd', name: undefined }],
  ['systemd:web', { type: 'systemd', name: 'web' }],
  ['systemd:80', { type: 'systemd', name: '80' }],
  ['systemd:my-app.socket', { type: 'systemd', name: 'my-app.socket' }],
  ['systemd:a/b', { type: 'systemd', name: 'a/b' }],
];

const BAD: readonly (readonly [text: string, why: string])[] = [
  ['', 'nothing'],
  ['8080', 'a port alone'],
  ['127.0.0.1', 'a host alone'],
  ['127.0.0.1:', 'no digits'],
  ['127.0.0.1:http', 'a service name'],
  ['127.0.0.1:65536', 'beyond the last port'],
  ['127.0.0.1:080808', 'too many digits'],
  ['127.0.0.1:-1', 'a negative port'],
  ['127.0.0.1:80 80', 'two numbers'],
  ['127.0.0.1:8080\n', 'a line end'],
  ['::1:8080', 'IPv6 without brackets: which colon is it?'],
  ['[::1]', 'brackets without a port'],
  ['[::1:8080', 'an open bracket'],
  ['[]:8080', 'empty brackets'],
  ['[example.org]:8080', 'a name in brackets'],
  ['fd:', 'no number'],
  ['fd:-1', 'a negative number'],
  ['fd:03', 'a number with two spellings'],
  ['fd:x', 'a name'],
  ['fd:12345678901', 'more than an int'],
  ['systemd:', 'no name'],
  ['systemd:a:b', 'names are parted by colons'],
  [`systemd:${'x'.repeat(256)}`, 'longer than systemd allows'],
  ['none', 'the word is None'],
  ['unix:', 'no path'],
  ['unix:app\0.sock', 'NUL in a path'],
  ['/run/app\0.sock', 'NUL in a path'],
];

describe('an address', () => {
  for (const [text, address, url] of GOOD) {
    it(`${text} is read, and shown as ${url}`, () => {
      const parsed = parseAddress(text);
      assert.deepEqual(parsed, address);
      assert.equal(urlOf(parsed as Address), url);
    });

    it(`${text} is still the same when it is written and read again`, () => {
      const parsed = parseAddress(text);
      assert.deepEqual(parseAddress(formatAddress(parsed)), parsed);
    });
  }

  for (const [text, address] of INHERITED) {
    it(`${text} is a socket that is there already`, () => {
      assert.deepEqual(parseAddress(text), address);
      assert.equal(formatAddress(parseAddress(text)), text);
    });
  }

  it('None is what Pyruvate calls the sockets of systemd', () => {
    assert.deepEqual(parseAddress('None'), parseAddress('systemd'));
  });

  for (const [text, why] of BAD) {
    it(`${JSON.stringify(text)} is refused: ${why}`, () => {
      assert.throws(() => parseAddress(text), { code: 'OPTION_INVALID' });
    });
  }

  it('has 107 bytes of path at most, counted as bytes', () => {
    const path = `/${'ä'.repeat(54)}`;
    assert.throws(() => parseAddress(path), {
      code: 'SOCKET_PATH_TOO_LONG',
      message: `the socket path ${path} has 109 bytes, 107 are possible`,
    });
  });
});

const LISTS: readonly (readonly [list: string, repeated: string | undefined])[] = [
  ['127.0.0.1:80 127.0.0.1:81', undefined],
  ['127.0.0.1:80 [::1]:80', undefined],
  ['127.0.0.1:0 127.0.0.1:0', undefined],
  ['fd:3 fd:4', undefined],
  ['systemd:web systemd:Web', undefined],
  ['127.0.0.1:80 127.0.0.1:80', '127.0.0.1:80'],
  ['localhost:80 LOCALHOST:80', 'LOCALHOST:80'],
  [':80 *:80', '*:80'],
  ['fd:3 127.0.0.1:80 fd:3', 'fd:3'],
  ['systemd None', 'None'],
  ['./a.sock unix:a.sock', 'unix:a.sock'],
];

describe('a list of addresses', () => {
  for (const [list, repeated] of LISTS) {
    it(`${list} ${repeated === undefined ? 'has each once' : `has ${repeated} twice`}`, () => {
      assert.equal(repeatedAddress(list.split(' ')), repeated);
    });
  }
});
