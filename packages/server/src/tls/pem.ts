// tls/pem.ts: what stands in a PEM file (RFC 7468): certificates, or a private key. In the main thread alone.

import type { KeyObject, X509Certificate } from 'node:crypto';
import { Fault } from '@appserve/core';

const CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]*-----END (?:X509 |TRUSTED )?CERTIFICATE-----/;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/;
const ENCRYPTED = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

/** A file, and the option that names it. */
export interface PemFile {
  readonly key: string;
  readonly path: string;
  readonly text: string;
}

/** In the order of the file; one at least. Faults: TLS_PEM_INVALID. */
export function certificatesIn({ key, path, text }: PemFile): X509Certificate[] {
  const blocks = text.match(new RegExp(CERTIFICATE, 'g')) ?? [];
  if (blocks.length === 0) {
    const hint = PRIVATE_KEY.test(text) ? 'it holds a private key: are the two files mixed up?' : hintForDer(text, 'x509');
    throw new Fault('TLS_PEM_INVALID', { key, path, why: 'there is no certificate in it', hint });
  }
  return blocks.map((block, index) => {
    try {
      return new (crypto().X509Certificate)(block);
    } catch (cause) {
      const why = `certificate ${index + 1} of ${blocks.length} cannot be read: ${opensslReason(cause)}`;
      throw new Fault('TLS_PEM_INVALID', { key, path, why, hint: undefined }, { cause });
    }
  });
}

/** Faults: TLS_PEM_INVALID, TLS_PASSPHRASE_WRONG. */
export function privateKeyIn({ key, path, text }: PemFile, passphrase: string | undefined): KeyObject {
  if (!PRIVATE_KEY.test(text)) {
    const hint = CERTIFICATE.test(text) ? 'it holds a certificate: are the two files mixed up?' : hintForDer(text, 'pkey');
    throw new Fault('TLS_PEM_INVALID', { key, path, why: 'there is no private key in it', hint });
  }
  const isEncrypted = ENCRYPTED.test(text);
  if (isEncrypted && passphrase === undefined)
    throw new Fault('TLS_PASSPHRASE_WRONG', { key, path, why: 'it is encrypted, and there is no keyfile_password' });
  try {
    return crypto().createPrivateKey({ key: text, ...(isEncrypted && { passphrase }) });
  } catch (cause) {
    if (isEncrypted) throw new Fault('TLS_PASSPHRASE_WRONG', { key, path, why: 'the passphrase is another one' }, { cause });
    const why = `the private key cannot be read: ${opensslReason(cause)}`;
    throw new Fault('TLS_PEM_INVALID', { key, path, why, hint: undefined }, { cause });
  }
}

/** Only where there is TLS: it takes 10 ms to load. */
function crypto() {
  return process.getBuiltinModule('node:crypto');
}

/** ASN.1 begins with a SEQUENCE. */
function hintForDer(text: string, command: 'x509' | 'pkey'): string | undefined {
  return text.startsWith('0') ? `where it is DER: openssl ${command} -inform der -in FILE -out FILE.pem` : undefined;
}

/** `error:0A00018F:SSL routines::ee key too small` -> `ee key too small`. */
export function opensslReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^error:[0-9A-F]+:[^:]*:[^:]*:(.+)$/.exec(message)?.[1] ?? message;
}
