// exchange/tls-facts.ts: what client and server have agreed on in the handshake of TLS, and who the client has shown to be.
//
// Asked of the socket once for a connection, and no more than what is wanted: a certificate is dear.

/** A certificate of a client that was verified: nobody else's comes this far. */
export interface ClientCertificate {
  /** RFC 2253, the most specific part first: `CN=alice,O=Example,C=DE`. */
  readonly subject: string;
  readonly issuer: string;
  /** The first common name of the subject; nothing where it has none. */
  readonly commonName: string | undefined;
  /** In hex, upper case. */
  readonly serialNumber: string;
  /** As OpenSSL prints it: `Nov 21 16:44:54 2026 GMT`. */
  readonly validFrom: string;
  readonly validTo: string;
  /** As node:crypto has it: `DNS:alice.test, email:alice@test`. */
  readonly subjectAltName: string | undefined;
  /** SHA-256 of the whole, in hex with colons. */
  readonly fingerprint256: string;
  readonly pem: string;
}

export interface TlsFacts {
  /** `TLSv1.3`. */
  readonly protocol: string;
  /** As OpenSSL calls it: `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string;
  /**
   * The name that the client has asked for (SNI, RFC 6066 §3). Nothing where it takes up a session of TLS 1.2: OpenSSL knows only the name
   * that was settled with the session, and node:tls settles none (SSL_get_servername(3)).
   */
  readonly serverName: string | undefined;
  /** The client went on with what an earlier connection had settled. */
  readonly isResumed: boolean;
  /** Nothing where none is asked for, or where a client may do without, and does. */
  readonly clientCertificate: ClientCertificate | undefined;
}

/** What of node:tls is asked. */
interface SecureSocket {
  readonly encrypted?: unknown;
  readonly servername?: unknown;
  readonly authorized?: boolean;
  getProtocol(): string | null;
  getCipher(): { readonly name: string } | undefined;
  isSessionReused(): boolean | null;
  getPeerX509Certificate?(): Certificate | undefined;
}

interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  readonly validFrom: string;
  readonly validTo: string;
  readonly subjectAltName?: string | undefined;
  readonly fingerprint256: string;
  toString(): string;
}

const known = new WeakMap<object, TlsFacts>();

/** Nothing of a socket in clear. */
export function tlsFactsOf(socket: object): TlsFacts | undefined {
  const secure = socket as Partial<SecureSocket>;
  if (secure.encrypted !== true || typeof secure.getProtocol !== 'function') return undefined;
  let facts = known.get(socket);
  if (facts === undefined) known.set(socket, (facts = new SocketTlsFacts(secure as SecureSocket)));
  return facts;
}

class SocketTlsFacts implements TlsFacts {
  readonly protocol: string;
  readonly cipher: string;
  readonly serverName: string | undefined;
  readonly isResumed: boolean;
  readonly clientCertificate: ClientCertificate | undefined;

  constructor(socket: SecureSocket) {
    // A client that has gone by now leaves neither.
    this.protocol = socket.getProtocol() ?? '';
    this.cipher = socket.getCipher()?.name ?? '';
    this.serverName = typeof socket.servername === 'string' && socket.servername !== '' ? socket.servername : undefined;
    this.isResumed = socket.isSessionReused() === true;
    const certificate = socket.authorized === true ? socket.getPeerX509Certificate?.() : undefined;
    this.clientCertificate = certificate && certificateOf(certificate);
  }
}

function certificateOf(certificate: Certificate): ClientCertificate {
  const { subject, issuer, serialNumber, validFrom, validTo, subjectAltName, fingerprint256 } = certificate;
  return {
    subject: distinguishedName(subject),
    issuer: distinguishedName(issuer),
    commonName: commonNameIn(subject),
    serialNumber,
    validFrom,
    validTo,
    subjectAltName,
    fingerprint256,
    pem: certificate.toString(),
  };
}

/**
 * node:crypto has a line for each part, the most general first, whose values are escaped as RFC 2253 §2.4 has it: so a line end, or a
 * plus sign between blanks, is none of a value's.
 */
function partsOf(name: string): string[] {
  return name.split('\n').map((part) => part.replaceAll(' + ', '+'));
}

/** RFC 2253 §2.1: the other way round, parted by commas. */
function distinguishedName(name: string): string {
  return partsOf(name).toReversed().join(',');
}

function commonNameIn(name: string): string | undefined {
  const found = /(?:^|[\n+])CN=((?:[^\\+\n]|\\.)*)/.exec(partsOf(name).join('\n'))?.[1];
  // What stands for a byte in hex, a control character, stays as it is.
  return found?.replaceAll(/\\([^0-9A-Fa-f])/g, '$1');
}
