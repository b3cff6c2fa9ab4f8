// What operators write for a socket.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatAddress, parseAddress, urlOf } from '@appserve/server/machines';

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
  ['unix:', 'no path'],
  ['unix:app\0.sock', 'NUL in a path'],
  ['/run/app\0.sock', 'NUL in a path'],
];

describe('an address', () => {
  for (const [text, address, url] of GOOD) {
    it(`${text} is read, and shown as ${url}`, () => {
      const parsed = parseAddress(text);
      assert.deepEqual(parsed, address);
      assert.equal(urlOf(parsed), url);
    });

    it(`${text} is still the same when it is written and read again`, () => {
      const parsed = parseAddress(text);
      assert.deepEqual(parseAddress(formatAddress(parsed)), parsed);
    });
  }

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
