// The PROXY header: what is one, what is none, and how much of what has come it takes.

import assert from 'node:assert/strict';
import { isIPv6, SocketAddress } from 'node:net';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { Fault } from '@appserve/core';
import {
  HEADER_BYTES_MAX,
  readProxyHeader,
  type ProxiedEnds,
  type ProxyHeader,
  type ProxyVersions,
} from '@appserve/core/proxy-protocol';
import {
  addresses,
  binary,
  block,
  checkedBlock,
  ENDS,
  ENDS6,
  line,
  LOCAL,
  OVER_TLS,
  PROXY,
  SIGNATURE,
  TCP4,
  tlv,
  UNIX,
  unixBlock,
} from '../../support/proxy-header.ts';

function read(text: string, versions: ProxyVersions = 'any'): ProxyHeader | undefined {
  return readProxyHeader(Buffer.from(text, 'latin1'), versions);
}

/** As a connection brings it: what is not whole grows. */
function readPieces(bytes: Uint8Array, sizes: readonly number[]): ProxyHeader | string | undefined {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    at = Math.min(bytes.length, at + (sizes[turn] ?? bytes.length));
    const told = outcome(bytes.subarray(0, at));
    if (told !== undefined) return told;
  }
  return undefined;
}

function outcome(bytes: Uint8Array, versions: ProxyVersions = 'any'): ProxyHeader | string | undefined {
  try {
    return readProxyHeader(bytes, versions);
  } catch (error) {
    assert.ok(error instanceof Fault && error.code === 'PROXY_HEADER_INVALID', String(error));
    return error.code;
  }
}

/** `192.0.2.1 56324 > 198.51.100.2 8443`. */
function shown(ends: ProxiedEnds | undefined): string | undefined {
  return (
    ends && `${ends.remoteAddress} ${ends.remotePort} > ${ends.localAddress} ${ends.localPort}${ends.isSecure ? ' tls' : ''}`
  );
}

const REST = 'GET / HTTP/1.1\r\n\r\n';
const PROXIED = '192.0.2.1 56324 > 198.51.100.2 8443';
const PROXIED6 = '2001:db8::1 1 > 2001:db8::2 65535';

const HEADERS: Readonly<Record<string, readonly [header: string, told: string | undefined]>> = {
  'a line of IPv4': [line(), PROXIED],
  'a line of IPv6': [line(ENDS6), PROXIED6],
  'a line that does not know': ['PROXY UNKNOWN\r\n', undefined],
  'a line that does not know, and says more': ['PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n', undefined],
  'the longest line': [`PROXY UNKNOWN ${'f'.repeat(107 - 16)}\r\n`, undefined],
  'a block of IPv4': [block(), PROXIED],
  'a block of IPv6': [block(ENDS6), PROXIED6],
  'a block of unix sockets': [unixBlock('/run/a', '/run/b'), '  > /run/b '],
  'a path that fills its place': [unixBlock('/a', `/${'b'.repeat(107)}`), `  > /${'b'.repeat(107)} `],
  'a block of the proxy itself': [binary(LOCAL, 0, ''), undefined],
  'a block of the proxy itself, with a family': [binary(LOCAL, TCP4, addresses()), undefined],
  'a block of the proxy itself, with a family that there is not': [binary(LOCAL, 0xff, 'abc'), undefined],
  'a block that does not know': [binary(PROXY, 0, 'anything'), undefined],
  'a block with TLVs': [block(ENDS, tlv(0x01, 'h2') + tlv(0x02, 'example.test') + tlv(0x05, 'unique') + tlv(0x04, '')), PROXIED],
  'a block with a type that nobody knows': [block(ENDS, tlv(0xee, 'x'.repeat(500))), PROXIED],
  'a block of a client with TLS': [block(ENDS, OVER_TLS), `${PROXIED} tls`],
  'a block of a client without TLS, with what its TLS was': [block(ENDS, tlv(0x20, '\0\0\0\0\0')), PROXIED],
  'a block with a checksum': [checkedBlock(ENDS, OVER_TLS), `${PROXIED} tls`],
  'the longest block': [
    unixBlock('/a', '/b').slice(0, 14) + '\x02\xf0' + unixBlock('/a', '/b').slice(16) + tlv(0xee, 'x'.repeat(533)),
    '  > /b ',
  ],
};

describe('a PROXY header', () => {
  for (const [what, [header, told]] of Object.entries(HEADERS)) {
    it(`is ${what}`, () => {
      const whole = read(header + REST);
      assert.equal(shown(whole?.ends), told);
      assert.equal(whole?.length, header.length, 'nothing of the client is taken');
      for (let at = 0; at < header.length; at += 1)
        assert.equal(read(header.slice(0, at)), undefined, `${at} bytes are not whole`);
      assert.deepEqual(read(header), whole);
    });
  }

  it('is of the version that is spoken', () => {
    assert.ok(read(line(), 'v1'));
    assert.ok(read(block(), 'v2'));
    assert.throws(() => read(line(), 'v2'), /version 1, and only version 2/);
    assert.throws(() => read(block(), 'v1'), /version 2, and only version 1/);
    assert.throws(() => read('P', 'v2'), /version 1/, 'from its first byte on');
  });
});

const NONE: Readonly<Record<string, readonly [header: string, why: RegExp]>> = {
  'a request': [REST, /begins with "GET \/ HTTP\/1"/],
  'a handshake of TLS': ['\x16\x03\x01\x02\0', /begins with/],
  'a line behind another byte': [`x${line()}`, /begins with/],
  'a line in lower case': [line().toLowerCase(), /begins with/],
  'a line that ends with LF': [line().replace('\r', ''), /no printable ASCII/],
  'a line with a CR in its midst': ['PROXY TCP4 192.0.2.1\r192.0.2.2 1 2\r\n', /no LF/],
  'a line with two spaces': [line().replace(' ', '  '), /none of TCP4/],
  'a line with two spaces further on': [line().replace(' 198', '  198'), /two addresses and two ports/],
  'a line with a space at its end': [line().replace('\r', ' \r'), /two addresses and two ports/],
  'a line with a tab': [line().replace(' 198', '\t198'), /no printable ASCII/],
  'a line with a NUL': [line().replace(' 198', '\x00198'), /no printable ASCII/],
  'a line of UDP': [line().replace('TCP4', 'UDP4'), /none of TCP4/],
  'a line of a family with more behind it': [line().replace('TCP4', 'UNKNOWNS'), /none of TCP4/],
  'a line without ports': ['PROXY TCP4 192.0.2.1 192.0.2.2\r\n', /two addresses and two ports/],
  'a line with five addresses': [line().replace('\r', ' 9\r'), /two addresses and two ports/],
  'a line whose addresses are of the other family': [line().replace('TCP4', 'TCP6'), /no address of TCP6/],
  'a line with IPv4 in the clothes of IPv6, as IPv4': [
    line({ ...ENDS, from: '::ffff:1.2.3.4' }).replace('TCP6', 'TCP4'),
    /no address/,
  ],
  'a line with a name': [line({ ...ENDS, from: 'localhost' }), /"localhost" is no address/],
  'a line with an octal address': [line({ ...ENDS, from: '192.0.02.1' }), /no address/],
  'a line with a short address': [line({ ...ENDS, from: '192.0.1' }), /no address/],
  'a line with a zone': [line(ENDS6).replace('0:1 ', '0:1%eth0 '), /no address/],
  'a line with brackets': [line(ENDS6).replace('2001:db8:0:0:0:0:0:1', '[::1]'), /no address/],
  'a line with a port that is too high': [line().replace('56324', '65536'), /"65536" is no port/],
  'a line with an octal port': [line().replace('56324', '056324'), /no port/],
  'a line with a negative port': [line().replace('56324', '-1'), /no port/],
  'a line that is too long': [`PROXY UNKNOWN ${'f'.repeat(107)}\r\n`, /longer than 107 bytes/],
  'a block of another version': [block().replace('\x21\x11', '\x31\x11'), /it says version 3/],
  'a block with another command': [block().replace('\x21\x11', '\x22\x11'), /command 2/],
  'a block of datagrams': [binary(PROXY, 0x12, addresses()), /0x12 is of datagrams/],
  'a block of unix datagrams': [binary(PROXY, 0x32, 'x'.repeat(216)), /0x32 is of datagrams/],
  'a block of half a family': [binary(PROXY, 0x10, addresses()), /0x10 is no family/],
  'a block that is too short for IPv4': [binary(PROXY, TCP4, addresses().slice(0, 11)), /too short for its addresses/],
  'a block that is too short for unix sockets': [binary(PROXY, UNIX, 'x'.repeat(215)), /too short for its addresses/],
  'a block that is too long': [`${SIGNATURE}\x21\x11\x02\xf1`, /769 bytes, and 768 is the limit/],
  'a block that would never end': [`${SIGNATURE}\x21\x11\xff\xff`, /65551 bytes/],
  'a block with half a TLV': [block(ENDS, '\x04\0'), /longer than what is left/],
  'a block with a TLV that is longer than it': [block(ENDS, tlv(0x02, 'abc').slice(0, -1)), /longer than what is left/],
  'a block with a wrong checksum': [checkedBlock().replace('192', '193').slice(0, -1) + '\0', /checksum is wrong/],
  'a block that was changed behind its checksum': [
    checkedBlock().replace('\xc0\0\x02\x01', '\xc0\0\x02\x09'),
    /checksum is wrong/,
  ],
  'a block with a checksum of 3 bytes': [block(ENDS, tlv(0x03, 'abc')), /not one of 4 bytes/],
  'a block with two checksums': [checkedBlock(ENDS, tlv(0x03, 'abcd')), /checksum/],
  'a block that says twice what its TLS is': [block(ENDS, OVER_TLS + tlv(0x20, '\0\0\0\0\0')), /twice/],
  'a block that says nothing of its TLS': [block(ENDS, tlv(0x20, '\x01')), /too short/],
};

describe('no PROXY header', () => {
  for (const [what, [header, why]] of Object.entries(NONE)) {
    it(`is ${what}`, () => {
      assert.throws(
        () => read(header),
        (error) => error instanceof Fault && error.code === 'PROXY_HEADER_INVALID' && why.test(error.message),
      );
    });
  }

  it('is refused as soon as it cannot become one', () => {
    assert.equal(read('PROX'), undefined);
    assert.throws(() => read('PROXI'));
    assert.equal(read('\r\n\r\n\0\r'), undefined);
    assert.throws(() => read('\r\n\r\n\0\n'));
    assert.throws(() => read(`${SIGNATURE}\x31`), /version 3/);
  });
});

const port = fc.integer({ min: 0, max: 65_535 });
const groups = fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 8, maxLength: 8 });
const ipv4 = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 }).map((bytes) => bytes.join('.'));
const ipv6 = groups.map((words) => words.map((group) => group.toString(16)).join(':'));
const pair = fc.oneof(fc.tuple(ipv4, ipv4), fc.tuple(ipv6, ipv6));
const ends = fc.tuple(pair, port, port).map(([[from, to], fromPort, toPort]) => ({ from, fromPort, to, toPort }));
const tlvs = fc
  .array(fc.tuple(fc.integer({ min: 0x04, max: 0x1f }), fc.string({ unit: 'binary-ascii', maxLength: 60 })), { maxLength: 6 })
  .map((list) => list.map(([type, value]) => tlv(type, value)).join(''));

/** As the system writes it. */
function canonical(address: string): string {
  return new SocketAddress({ address, family: isIPv6(address) ? 'ipv6' : 'ipv4' }).address;
}

describe('whatever comes', () => {
  const runs = { seed: 11, numRuns: 400 };

  it('is told as the proxy has written it, however it is cut', () => {
    fc.assert(
      fc.property(
        ends,
        tlvs,
        fc.boolean(),
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 }),
        (one, more, isLine, sizes) => {
          const header = isLine ? line(one) : block(one, more);
          const told = readPieces(Buffer.from(header + REST, 'latin1'), sizes);
          assert.ok(typeof told === 'object', 'a header');
          const { from, fromPort, to, toPort } = one;
          assert.equal(shown(told.ends), `${canonical(from)} ${fromPort} > ${canonical(to)} ${toPort}`);
          assert.equal(told.length, header.length);
        },
      ),
      runs,
    );
  });

  it('is a header, a fault, or the beginning of one that is not longer than the limit; and the same however it is cut', () => {
    const beginnings = fc.constantFrom(
      '',
      'PROXY ',
      'PROXY TCP4 ',
      SIGNATURE,
      `${SIGNATURE}\x21\x11`,
      block().slice(0, -1),
      checkedBlock(),
    );
    fc.assert(
      fc.property(
        beginnings,
        fc.uint8Array({ maxLength: 900 }),
        fc.array(fc.integer({ min: 1, max: 99 })),
        (begun, noise, sizes) => {
          const bytes = Buffer.concat([Buffer.from(begun, 'latin1'), noise]);
          const whole = outcome(bytes);
          assert.deepEqual(readPieces(bytes, sizes), whole);
          if (whole === undefined) assert.ok(bytes.length < HEADER_BYTES_MAX);
          else if (typeof whole === 'object') assert.ok(whole.length <= HEADER_BYTES_MAX && whole.length <= bytes.length);
        },
      ),
      runs,
    );
  });
});
