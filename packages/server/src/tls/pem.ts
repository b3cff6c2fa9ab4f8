// tls/pem.ts: what stands in a PEM file (RFC 7468): certificates, a private key, or what is revoked. In the main thread alone.

import type { KeyObject, X509Certificate } from 'node:crypto';
import { Fault } from '@appserve/core';
import { revocationListOf, type RevocationList } from './revocation-list.ts';

const CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]*-----END (?:X509 |TRUSTED )?CERTIFICATE-----/;
const REVOCATION_LIST = /-----BEGIN X509 CRL-----[^-]*-----END X509 CRL-----/;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/;
const ENCRYPTED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

/** A file, and the option that names it. */
export interface PemFile {
  readonly key: string;
  readonly path: string;
  readonly text: string;
}

/** In the order of the file; one at least. Faults: TLS_PEM_INVALID. */
export function certificatesIn(file: PemFile): X509Certificate[] {
  const { text } = file;
  const blocks = text.match(new RegExp(CERTIFICATE, 'g')) ?? [];
  if (blocks.length > 0) return eachOf(file, 'certificate', blocks, (block) => new (crypto().X509Certificate)(block));
  const hint = PRIVATE_KEY.test(text) ? 'it holds a private key: are the two files mixed up?' : hintForDer(text, 'x509');
  throw invalid(file, 'there is no certificate in it', hint);
}

/** Lists of what is revoked, each by itself; one at least. Faults: TLS_PEM_INVALID. */
export function revocationListsIn(file: PemFile): RevocationList[] {
  const { text } = file;
  const blocks = text.match(new RegExp(REVOCATION_LIST, 'g')) ?? [];
  if (blocks.length === 0)
    throw invalid(file, 'there is no list of revoked certificates in it (X509 CRL)', hintForOther(text, 'crl'));
  return eachOf(file, 'list', blocks, (block) => {
    process.getBuiltinModule('node:tls').createSecureContext({ crl: block });
    return revocationListOf(block);
  });
}

function eachOf<T>(file: PemFile, what: string, blocks: readonly string[], read: (block: string) => T): T[] {
  return blocks.map((block, index) => {
    try {
      return read(block);
    } catch (cause) {
      throw invalid(file, `${what} ${index + 1} of ${blocks.length} cannot be read: ${opensslReason(cause)}`, undefined, cause);
    }
  });
}

function invalid({ key, path }: PemFile, why: string, hint?: string, cause?: unknown): Fault {
  return new Fault('TLS_PEM_INVALID', { key, path, why, hint }, { cause });
}

/** Where a certificate stands in the place of what is wanted. */
function hintForOther(text: string, command: 'pkey' | 'crl'): string | undefined {
  return CERTIFICATE.test(text) ? 'it holds a certificate: are the two files mixed up?' : hintForDer(text, command);
}

/** Faults: TLS_PEM_INVALID, TLS_PASSPHRASE_WRONG. */
export function privateKeyIn(file: PemFile, passphrase: string | undefined): KeyObject {
  const { key, path, text } = file;
  if (!PRIVATE_KEY.test(text)) throw invalid(file, 'there is no private key in it', hintForOther(text, 'pkey'));
  const isEncrypted = ENCRYPTED.test(text);
  if (isEncrypted && passphrase === undefined)
    throw new Fault('TLS_PASSPHRASE_WRONG', { key, path, why: 'it is encrypted, and there is no keyfile_password' });
  try {
    return crypto().createPrivateKey({ key: text, ...(isEncrypted && { passphrase }) });
  } catch (cause) {
    if (isEncrypted) throw new Fault('TLS_PASSPHRASE_WRONG', { key, path, why: 'the passphrase is another one' }, { cause });
    throw invalid(file, `the private key cannot be read: ${opensslReason(cause)}`, undefined, cause);
  }
}

/** Only where there is TLS: it takes 10 ms to load. */
function crypto() {
  return process.getBuiltinModule('node:crypto');
}

/** ASN.1 begins with a SEQUENCE. */
function hintForDer(text: string, command: 'x509' | 'pkey' | 'crl'): string | undefined {
  return text.startsWith('0') ? `where it is DER: openssl ${command} -inform der -in FILE -out FILE.pem` : undefined;
}

/** `error:0A00018F:SSL routines::ee key too small` -> `ee key too small`. */
export function opensslReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^error:[0-9A-F]+:[^:]*:[^:]*:(.+)$/.exec(message)?.[1] ?? message;
}
