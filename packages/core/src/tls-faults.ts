// tls-faults.ts: TLS that cannot be: what was given cannot be read, or does not go together.

import { config, start } from './fault-row.ts';

export const TLS_FAULTS = {
  TLS_FILE_UNREADABLE: config(
    'A file that an option of TLS names cannot be read. At a reload it is read as the user that the server has become.',
    (d: { key: string; path: string; why: string }) => `${d.key}: ${d.path} cannot be read: ${d.why}`,
    () =>
      'a relative path begins at the folder that the server is started in; after user = NAME that user must be able to read it',
  ),
  TLS_PEM_INVALID: config(
    'A file that an option of TLS names can be read, but what should stand in it does not: a certificate, or a private key, in PEM.',
    (d: { key: string; path: string; why: string; hint: string | undefined }) => `${d.key}: ${d.path}: ${d.why}`,
    (d) => d.hint,
  ),
  TLS_KEY_MISMATCH: config(
    'A private key is not the one of its certificate. The certificate of the server stands first in its file, before those of its issuers.',
    (d: { key: string; certfile: string; keyfile: string; hint: string | undefined }) =>
      `${d.key}: the key ${d.keyfile} is not that of the certificate ${d.certfile}`,
    (d) => d.hint,
  ),
  TLS_PASSPHRASE_WRONG: config(
    'A private key is encrypted, and what `keyfile_password` leads to does not open it; or it leads to nothing.',
    (d: { key: string; path: string; why: string }) => `${d.key}: ${d.path} is not opened: ${d.why}`,
    () => 'say keyfile_password = file:PATH or env:NAME, or take the passphrase off: openssl pkey -in KEY -out NEW',
  ),
  TLS_CIPHER_UNKNOWN: config(
    'A word of `ciphers` is no cipher, and no group of ciphers, of the OpenSSL that Node brings.',
    (d: { word: string }) => `ciphers: ${d.word} is not known to this OpenSSL`,
    () => 'openssl ciphers lists most of them; RFC names are those of TLS 1.3 alone, such as TLS_AES_128_GCM_SHA256',
  ),
  TLS_REFUSED: config(
    'Each part of TLS is right by itself, and OpenSSL refuses them together: a key that is too short for its level of security, say.',
    (d: { key: string; why: string }) => `${d.key}: OpenSSL refuses it: ${d.why}`,
  ),
  TLS_NOT_SPOKEN: start(
    'A server was asked to listen with TLS, and speaks a protocol that has none: FastCGI.',
    () => 'there is no TLS for what this server speaks',
    () => 'leave tls out, or serve HTTP',
  ),
} as const;
