// tls/tls-options.ts: what node:tls is told in a worker.

import type { SecureContext, SecureContextOptions } from 'node:tls';
import { ServerNames } from '../connection/server-names.ts';
import type { GateOptions } from '../connection/tls-gate.ts';
import type { HostCertificate, TlsMaterial } from './material.ts';

/** Sessions are taken up by whoever has the same one: every worker, and nobody who has other keys (SSL_CTX_set_session_id_context(3)). */
const SESSION_ID_CONTEXT = 'appserve';

/** Throws what OpenSSL says of what does not fit together. */
export function tlsOptions(material: TlsMaterial): GateOptions {
  const { certificates, clientCertificates, ticketKeys } = material;
  const [first, ...others] = certificates;
  const names = new ServerNames<SecureContext>();
  for (const certificate of others) {
    const context = secureContext(contextOptions(certificate, material));
    for (const host of certificate.hosts) names.add(host, context);
  }
  return {
    ...contextOptions(first, material),
    sessionIdContext: SESSION_ID_CONTEXT,
    ...(ticketKeys && { ticketKeys: Buffer.from(ticketKeys) }),
    requestCert: clientCertificates !== 'none',
    // Who shows none is refused by OpenSSL itself.
    rejectUnauthorized: clientCertificates === 'required',
    refusesUnverified: true,
    ...(others.length > 0 && { SNICallback: (name, found) => found(null, names.find(name)) }),
  };
}

/** Of one certificate. */
export function contextOptions(
  { cert, key }: HostCertificate,
  { ca, crls, ciphers, minVersion }: TlsMaterial,
): SecureContextOptions {
  return {
    cert,
    key,
    minVersion,
    ...(ca !== undefined && { ca }),
    ...(crls !== undefined && { crl: [...crls] }),
    ...(ciphers !== undefined && { ciphers }),
  };
}

export function secureContext(options: SecureContextOptions): SecureContext {
  // Only where it is asked for: it takes 10 ms to load.
  return process.getBuiltinModule('node:tls').createSecureContext(options);
}
