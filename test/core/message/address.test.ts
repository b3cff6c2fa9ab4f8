// Addresses as bytes and as text, beside what node:net makes of the same.

import assert from 'node:assert/strict';
import { isIP, SocketAddress } from 'node:net';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { addressBytes, addressText } from '@appserve/core/message';

const NONE = [
  '',
  'localhost',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '01.2.3.4',
  '0x1.2.3.4',
  '1.2.3.4 ',
  '1.2.3.4\n',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  '12345::',
  '::g',
  '::1.2.3',
  '1.2.3.4::',
  '::1%eth0',
  '[::1]',
];

describe('an address', () => {
  for (const text of NONE)
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.equal(addressBytes(text), undefined);
    });

  it('is told as the system writes it', () => {
    for (const [text, told] of [
      ['192.0.2.7', '192.0.2.7'],
      ['::', '::'],
      ['0:0:0:0:0:0:0:1', '::1'],
      ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
      ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
      ['1::', '1::'],
      ['0:0:0:0:0:ffff:c000:207', '::ffff:192.0.2.7'],
      ['::ffff:192.0.2.7', '::ffff:192.0.2.7'],
    ] as const)
      assert.equal(addressText(addressBytes(text)!), told);
  });

  it('is what node:net takes for one, and is written as there', () => {
    const group = fc.oneof(
      fc.constant('0'),
      fc.integer({ min: 0, max: 65_535 }).map((number) => number.toString(16)),
    );
    const parts = fc.array(fc.oneof(group, fc.constant(''), fc.constant('1.2.3.4')), { maxLength: 10 });
    fc.assert(
      fc.property(parts, (words) => {
        const text = words.join(':');
        const bytes = addressBytes(text);
        assert.equal(bytes?.length, { 0: undefined, 4: 4, 6: 16 }[isIP(text)], text);
        // Addresses of ::/96 are those that the system writes as IPv4 in IPv6, which nobody has any more (RFC 4291 §2.5.5.1).
        if (bytes?.length !== 16 || bytes.subarray(0, 12).every((byte) => byte === 0)) return;
        assert.equal(addressText(bytes), new SocketAddress({ address: text, family: 'ipv6' }).address);
      }),
      { seed: 4_291, numRuns: 3_000 },
    );
  });
});
