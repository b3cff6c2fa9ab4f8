// The four forms of a target (RFC 9112 §3.2), seen through the engine: what is left as path, and whose host it is.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HTTP1_LIMITS, Http1Connection, type Http1Event } from '@appserve/core/http1';

function read(method: string, target: string): Http1Event {
  const engine = new Http1Connection(HTTP1_LIMITS, { dateLine: '', viaLine: '', serverLine: '', chunkedTransfer: true });
  engine.receive(Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: own\r\n\r\n`, 'latin1'));
  return engine.next();
}

describe('a target', () => {
  const readings: readonly (readonly [method: string, target: string, pathAndQuery: string, host: string])[] = [
    ['GET', '/', '/', 'own'],
    ['GET', '/a?b?c', '/a?b?c', 'own'],
    ['GET', '//b/c', '//b/c', 'own'],
    ['GET', '/http://b/c', '/http://b/c', 'own'],
    ['GET', '/*', '/*', 'own'],
    ['OPTIONS', '*', '*', 'own'],
    ['OPTIONS', '/', '/', 'own'],
    ['GET', 'http://b', '/', 'b'],
    ['GET', 'http://b/', '/', 'b'],
    ['GET', 'http://b/c?d', '/c?d', 'b'],
    ['GET', 'http://b?c', '/?c', 'b'],
    ['GET', 'http://b//c', '//c', 'b'],
    ['GET', 'http://b/@c:d', '/@c:d', 'b'],
    ['GET', 'HtTp://B:80/c', '/c', 'B:80'],
    ['GET', 'http://[::1]:80/c', '/c', '[::1]:80'],
    ['OPTIONS', 'http://b', '*', 'b'],
    ['OPTIONS', 'http://b/', '/', 'b'],
    ['OPTIONS', 'http://b?c', '/?c', 'b'],
  ];
  for (const [method, target, pathAndQuery, host] of readings) {
    it(`${method} ${target} is ${pathAndQuery} of ${host}`, () => {
      const event = read(method, target);
      assert.equal(event.type, 'request');
      assert.deepEqual([event.head.target, event.head.pathAndQuery, event.head.fields.get('Host')], [target, pathAndQuery, host]);
    });
  }

  const refusals: readonly (readonly [method: string, target: string, code: string])[] = [
    ['GET', '*', 'TARGET_INVALID'],
    ['OPTIONS', '**', 'TARGET_INVALID'],
    ['GET', 'a', 'TARGET_INVALID'],
    ['GET', '?a', 'TARGET_INVALID'],
    ['GET', 'own:80', 'TARGET_INVALID'],
    ['GET', 'http:', 'TARGET_INVALID'],
    ['GET', 'http:/b/c', 'TARGET_INVALID'],
    ['GET', 'http:b', 'TARGET_INVALID'],
    ['GET', 'httpx://b/', 'TARGET_INVALID'],
    ['GET', 'ws://b/', 'TARGET_INVALID'],
    ['GET', 'file:///etc/passwd', 'TARGET_INVALID'],
    ['GET', 'http://a@b/', 'TARGET_INVALID'],
    ['GET', 'http://a:b@c/', 'TARGET_INVALID'],
    ['GET', 'http://@b/', 'TARGET_INVALID'],
    ['GET', 'https://b/c', 'MISDIRECTED'],
    ['GET', 'http://', 'HOST_INVALID'],
    ['GET', 'http:///a', 'HOST_INVALID'],
    ['GET', 'http://:80', 'HOST_INVALID'],
    ['GET', 'http://b:c/', 'HOST_INVALID'],
    ['GET', 'http://b:99999/', 'HOST_INVALID'],
    ['GET', 'http://b\\c/', 'HOST_INVALID'],
    ['GET', 'http://b%2fc/', 'HOST_INVALID'],
    ['GET', 'http://[::1/', 'HOST_INVALID'],
    ['CONNECT', 'b:443', 'METHOD_REFUSED'],
    ['CONNECT', '[::1]:443', 'METHOD_REFUSED'],
    ['CONNECT', 'b', 'TARGET_INVALID'],
    ['CONNECT', 'b:', 'TARGET_INVALID'],
    ['CONNECT', ':443', 'TARGET_INVALID'],
    ['CONNECT', 'b:x', 'TARGET_INVALID'],
    ['CONNECT', 'b:65536', 'TARGET_INVALID'],
    ['CONNECT', 'a@b:443', 'TARGET_INVALID'],
    ['CONNECT', '/', 'TARGET_INVALID'],
    ['CONNECT', '*', 'TARGET_INVALID'],
    ['CONNECT', 'http://b:443', 'TARGET_INVALID'],
  ];
  for (const [method, target, code] of refusals) {
    it(`${method} ${target} is refused: ${code}`, () => {
      const event = read(method, target);
      assert.equal(event.type, 'fault');
      assert.equal(event.fault.code, code);
    });
  }

  it('holds printable ASCII without the number sign, and no other byte', () => {
    const taken = Array.from({ length: 256 }, (_, byte) => byte).filter(
      (byte) => read('GET', `/${String.fromCharCode(byte)}a`).type === 'request',
    );
    const printable = Array.from({ length: 0x7f - 0x21 }, (_, index) => 0x21 + index);
    assert.deepEqual(
      taken,
      printable.filter((byte) => byte !== '#'.charCodeAt(0)),
    );
  });
});
