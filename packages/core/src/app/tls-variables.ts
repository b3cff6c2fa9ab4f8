// app/tls-variables.ts: what a gateway app finds of TLS in its environ, under the names of Apache's mod_ssl
// (https://httpd.apache.org/docs/2.4/mod/mod_ssl.html#envvars), which frameworks and WSGI middleware know.

import { Buffer } from 'node:buffer';
import type { ClientCertificate, TlsFacts } from '../exchange/tls-facts.ts';

type Variables = Readonly<Record<string, string>>;

/** Of each connection that an app has asked about. */
const known = new WeakMap<TlsFacts, Variables>();

export function tlsVariables(facts: TlsFacts): Variables {
  let variables = known.get(facts);
  if (variables === undefined) known.set(facts, (variables = variablesOf(facts)));
  return variables;
}

function variablesOf({ protocol, cipher, serverName, isResumed, clientCertificate }: TlsFacts): Variables {
  return {
    SSL_PROTOCOL: protocol,
    SSL_CIPHER: cipher,
    SSL_SESSION_RESUMED: isResumed ? 'Resumed' : 'Initial',
    ...(serverName === undefined ? {} : { SSL_TLS_SNI: carried(serverName) }),
    // GENEROUS and FAILED are not there: a certificate that is not right is not let in.
    SSL_CLIENT_VERIFY: clientCertificate === undefined ? 'NONE' : 'SUCCESS',
    ...(clientCertificate === undefined ? {} : ofClient(clientCertificate)),
  };
}

function ofClient({ subject, issuer, commonName, serialNumber, validFrom, validTo, pem }: ClientCertificate): Variables {
  return {
    SSL_CLIENT_S_DN: carried(subject),
    ...(commonName === undefined ? {} : { SSL_CLIENT_S_DN_CN: carried(commonName) }),
    SSL_CLIENT_I_DN: carried(issuer),
    SSL_CLIENT_M_SERIAL: serialNumber,
    SSL_CLIENT_V_START: validFrom,
    SSL_CLIENT_V_END: validTo,
    SSL_CLIENT_CERT: pem,
  };
}

/** UTF-8 whose bytes are chars, as all text of an environ (PEP 3333): `utf8Of` makes text of it. */
function carried(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
