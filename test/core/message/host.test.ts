// Host = uri-host [ ":" port ] (RFC 9110 §7.2, RFC 3986 §3.2.2).

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isHost } from '@appserve/core/message';

const HOSTS = [
  // A target may have no authority.
  '',
  'a',
  'www.example.org',
  'WWW.EXAMPLE.ORG.',
  'xn--caf-dma.example',
  'under_score',
  "a!$&'()*+,;=~-._b",
  'caf%C3%A9',
  'a%fFb',
  '127.0.0.1',
  'a:',
  'a:0',
  'a:80',
  'a:00080',
  'a:65535',
  '[::]',
  '[::1]:80',
  '[1:2:3:4:5:6:7:8]',
  '[1::8]',
  '[::2:3:4:5:6:7:8]',
  '[1:2:3:4:5:6:7::]',
  '[ABCD:ef01::]',
  '[::127.0.0.1]',
  '[::ffff:255.255.255.255]',
  '[1:2:3:4:5:6:7.8.9.10]',
  '[v1.a:b]',
  '[vF0.!]:8080',
  // ABNF has its letters in any case (RFC 5234 §2.3).
  '[V1.a]',
];

const NO_HOSTS = [
  ' ',
  'a b',
  'a\t',
  'a,\tb',
  'a/b',
  'a\\b',
  'a?b',
  'a#b',
  'a@b',
  '@a',
  'user:secret@a',
  'http://a',
  'a"b',
  '<a>',
  '{a}',
  'a|b',
  'a^b',
  'a`b',
  'a\0b',
  'a\x7f',
  'a\nb',
  'a\n',
  'caf\xe9',
  'a\xa0',
  // Percent-encoded ASCII has two readings.
  'a%2fb',
  'a%00',
  'a%41',
  'a%7F',
  'a%',
  'a%f',
  'a%zz',
  'a:b',
  'a:+1',
  'a:-1',
  'a: 1',
  'a:1 ',
  'a:0x50',
  'a:65536',
  'a:000080',
  'a:80:80',
  'a::80',
  // An http URL has a host (RFC 9110 §4.2.1): a port alone names nobody.
  ':',
  ':80',
  '::1',
  '1:2:3:4:5:6:7:8',
  '[]',
  '[]:80',
  '[',
  '[::1',
  '::1]',
  '[::1]80',
  '[::1]:b',
  '[::1]:65536',
  '[::1]a',
  'a[::1]',
  '[[::1]]',
  '[:]',
  '[:::]',
  '[1:::8]',
  '[1::2::3]',
  '[1:2:3:4:5:6:7]',
  '[1:2:3:4:5:6:7:8:9]',
  '[1:2:3:4:5:6:7:8::]',
  '[1:2:3:4::5:6:7:8]',
  '[12345::]',
  '[g::]',
  '[::1%25eth0]',
  '[fe80::1%eth0]',
  '[127.0.0.1]',
  '[127.0.0.1::]',
  '[::127.0.0.1:1]',
  '[::256.0.0.1]',
  '[::1.2.3]',
  '[::1.2.3.4.5]',
  '[::01.2.3.4]',
  '[1:2:3:4:5:6:7:8.9.10.11]',
  '[v.a]',
  '[v1]',
  '[v1.]',
  '[vg.a]',
  '[v1.a/b]',
];

describe('a host', () => {
  for (const value of HOSTS) {
    it(`is ${JSON.stringify(value)}`, () => {
      assert.equal(isHost(value), true);
    });
  }

  for (const value of NO_HOSTS) {
    it(`is not ${JSON.stringify(value)}`, () => {
      assert.equal(isHost(value), false);
    });
  }
});
