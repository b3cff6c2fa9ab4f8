// Lists of addresses and networks, beside the BlockList of node:net.

import assert from 'node:assert/strict';
import { BlockList, isIPv6 } from 'node:net';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { AddressList, isAddressWord, whyNoAddressWord } from '@appserve/core/peers';

function has(words: string, address: string): boolean {
  return AddressList.of(words.split(' '))!.has(address);
}

/** What people write, and what they are told. */
const WRONG: readonly (readonly [word: string, told: string])[] = [
  ['*', 'everybody is 0.0.0.0/0 ::/0'],
  ['everyone', 'everybody is 0.0.0.0/0 ::/0'],
  ['localhost', 'localhost is a name, and names are not resolved: write its address'],
  ['lb-1.shop.test', 'lb-1.shop.test is a name, and names are not resolved: write its address'],
  ['127.0.0.1:80', '127.0.0.1:80 has a port: write 127.0.0.1'],
  ['[::1]:80', '[::1]:80 has a port: write ::1'],
  ['[::1]', '[::1] has brackets: write ::1'],
  ['/run/app.sock', 'who comes by a unix socket is unix, whichever it is'],
  ['unix:/run/app.sock', 'who comes by a unix socket is unix, whichever it is'],
  ['10.0.0.5/8', '10.0.0.5/8 is an address in a network: write 10.0.0.0/8 or 10.0.0.5'],
  ['10.0.0.255/31', '10.0.0.255/31 is an address in a network: write 10.0.0.254/31 or 10.0.0.255'],
  ['2001:db8::7/33', '2001:db8::7/33 is an address in a network: write 2001:db8::/33 or 2001:db8::7'],
  ['10.0.0.1/0', '10.0.0.1/0 is an address in a network: write 0.0.0.0/0 or 10.0.0.1'],
  ['10.0.0.0/33', '10.0.0.0/33 is none'],
  ['10.0.0/8', '10.0.0/8 is none'],
  ['::1%eth0', '::1%eth0 is none'],
  ['[lb]', '[lb] is none'],
  ['', ' is none'],
];

describe('a word of such a list', () => {
  for (const [word, told] of WRONG)
    it(`that is wrong is told what to be: ${word}`, () => {
      assert.equal(whyNoAddressWord(word), told);
    });

  it('may be an address, a network with no bits beside it, and unix', () => {
    for (const word of [
      'unix',
      '10.0.0.1',
      '10.0.0.0/8',
      '10.0.0.5/32',
      '0.0.0.0/0',
      '::/0',
      '::1',
      '2001:db8::7/128',
      'fe80::/10',
    ])
      assert.equal(whyNoAddressWord(word), undefined, word);
  });
});

describe('a list of addresses', () => {
  it('has the addresses and networks that it names', () => {
    assert.ok(has('192.0.2.7 10.0.0.0/8 2001:db8::/32', '192.0.2.7'));
    assert.ok(has('192.0.2.7 10.0.0.0/8 2001:db8::/32', '10.255.0.1'));
    assert.ok(has('192.0.2.7 10.0.0.0/8 2001:db8::/32', '2001:db8:ffff::1'));
    assert.ok(!has('192.0.2.7 10.0.0.0/8 2001:db8::/32', '192.0.2.8'));
    assert.ok(!has('192.0.2.7 10.0.0.0/8 2001:db8::/32', '11.0.0.1'));
    assert.ok(!has('192.0.2.7 10.0.0.0/8 2001:db8::/32', '2001:db9::1'));
  });

  it('knows an IPv4 address in the clothes of IPv6', () => {
    assert.ok(has('10.0.0.0/8', '::ffff:10.1.2.3'));
    assert.ok(has('::ffff:10.0.0.0/104', '10.1.2.3'));
  });

  it('knows an address with its zone', () => {
    assert.ok(has('fe80::/10', 'fe80::1%eth0'));
  });

  it('has who comes by a unix socket where it says so, and not otherwise', () => {
    assert.ok(has('unix', ''));
    assert.ok(!has('0.0.0.0/0 ::/0', ''));
    assert.ok(!has('unix', '127.0.0.1'));
  });

  it('has nobody whose address is none', () => {
    for (const address of ['unix', 'unknown', '_hidden', 'localhost', '127.0.0.1:80', '[::1]'])
      assert.ok(!has('0.0.0.0/0 ::/0 unix', address), address);
  });

  it('is made of nothing else', () => {
    for (const word of [
      '',
      'localhost',
      '10.0.0.0/33',
      '10.0.0/8',
      '::/129',
      '10.0.0.0/',
      '10.0.0.0/a',
      '*',
      '::1%eth0',
      '/8',
      '1.2.3.4/8/8',
    ]) {
      assert.equal(isAddressWord(word), false, word);
      assert.equal(AddressList.of(['10.0.0.1', word]), undefined, word);
    }
  });

  it('says what node:net says', () => {
    const ipv4 = fc.array(fc.constantFrom(0, 10, 127, 128, 255), { minLength: 4, maxLength: 4 }).map((bytes) => bytes.join('.'));
    const ipv6 = fc
      .array(fc.constantFrom('0', '1', '8000', 'ffff'), { minLength: 8, maxLength: 8 })
      .map((words) => words.join(':'));
    const address = fc.oneof(
      ipv4,
      ipv6,
      ipv4.map((text) => `::ffff:${text}`),
    );
    const network = fc
      .tuple(address, fc.integer({ min: 0, max: 128 }))
      .map(([base, bits]) => [base, isIPv6(base) ? bits : bits % 33] as const);
    fc.assert(
      fc.property(fc.array(network, { minLength: 1, maxLength: 3 }), address, (networks, peer) => {
        const theirs = new BlockList();
        for (const [base, bits] of networks) theirs.addSubnet(base, bits, isIPv6(base) ? 'ipv6' : 'ipv4');
        const ours = AddressList.of(networks.map(([base, bits]) => `${base}/${bits}`))!;
        assert.equal(ours.has(peer), theirs.check(peer, isIPv6(peer) ? 'ipv6' : 'ipv4'));
      }),
      { seed: 9, numRuns: 2_000 },
    );
  });
});
