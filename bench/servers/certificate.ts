// What servers over TLS show: the certificate of the tests, for an elliptic curve.

import { fileURLToPath } from 'node:url';

export const CERTIFICATE_FILES = { certfile: fixture('cert.pem'), keyfile: fixture('key.pem') } as const;

/** From where this is compiled to. */
function fixture(name: string): string {
  return fileURLToPath(new URL(`../../../test/fixtures/tls/${name}`, import.meta.url));
}
