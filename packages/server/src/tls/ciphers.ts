// tls/ciphers.ts: the option `ciphers`, as OpenSSL reads it (openssl-ciphers(1)), and as node:tls wants it.

import { Fault } from '@appserve/core';

/** Of TLS 1.3, which the list of OpenSSL says nothing of: those that stand in Node's default. */
const SUITES = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'];

/**
 * Node takes a list without a suite of TLS 1.3 for one that forbids it. For OpenSSL, and so for gevent and nginx, the list is about older
 * versions: the usual suites stay.
 */
export function nodeCiphers(list: string): string {
  const words = wordsOf(list);
  return (words.some(isSuite) ? words : [...SUITES, ...words]).join(':');
}

/** OpenSSL passes over words that it does not know, so a cipher that is spelled wrongly would go unnoticed. Faults: TLS_CIPHER_UNKNOWN. */
export function checkCiphers(list: string): Fault[] {
  return wordsOf(list)
    .filter((word) => !isKnown(word))
    .map((word) => new Fault('TLS_CIPHER_UNKNOWN', { word }));
}

function wordsOf(list: string): string[] {
  return list.split(/[:, ]+/).filter((word) => word !== '');
}

function isSuite(word: string): boolean {
  return word.startsWith('TLS_');
}

/** What is taken away, or set, chooses no cipher by itself, so nobody can be asked. */
function isKnown(word: string): boolean {
  if (/^[!+-]./.test(word) || /^@(?:STRENGTH|SECLEVEL=[0-5])$/.test(word)) return true;
  try {
    process.getBuiltinModule('node:tls').createSecureContext({ ciphers: word });
    return true;
  } catch {
    return false;
  }
}
