// options/tls.ts: TLS: keys, certificates, and clients that have some.

import { choice, count, list, option, optional, parsed, path, seconds, secret, text, type Options } from '@appserve/core/options';
import { ALPN_PROTOCOLS, isAlpnProtocol, type AlpnProtocol } from '../connection/alpn.ts';
import { CERTIFICATES_FORM, readCertificates } from '../tls/certificates-option.ts';
import { PASSPHRASE_FORMS, readPassphraseSource } from '../tls/passphrase.ts';

export const tlsOptions = {
  certfile: optional(
    path('the path of a PEM file'),
    'TLS on all TCP sockets, with this certificate; those of its issuers follow it in the file, but for the root. It needs keyfile. Read again at a reload. A relative path begins at the working directory that the server is started in. See docs/guide/tls.md.',
    'gevent',
  ),
  keyfile: optional(path('the path of a PEM file'), 'The private key of certfile.', 'gevent'),
  keyfile_password: optional(
    secret(parsed(readPassphraseSource, PASSPHRASE_FORMS, 'SOURCE')),
    'Where the passphrase of keyfile, and of the keys in certificates, is found: the first line of a file, or a variable of the environment. It is not written here, so that nothing shows it.',
    'uvicorn',
  ),
  certificates: optional(
    parsed(readCertificates, CERTIFICATES_FORM, 'LIST'),
    'Certificates for further names that clients ask for (SNI), one a line: a name, or several parted by commas, and the paths of its certificate and its key. *.example.org stands for one label. Who asks for another name gets certfile.',
  ),
  ca_certs: optional(path('the path of a PEM file'), 'Whose certificates of clients are believed; it needs cert_reqs.', 'gevent'),
  crlfile: optional(
    path('the path of a PEM file'),
    'Which of these certificates are revoked (RFC 5280 §5): one list of each authority in ca_certs, or nobody whom it has issued is let in; nor is anybody when a list is out of date. Read again at a reload.',
  ),
  cert_reqs: option(
    choice('none', 'optional', 'required'),
    'none',
    'Whether clients show a certificate: optional: they may, and a wrong one is refused; required: nobody else is let in. It needs ca_certs.',
    'gevent',
  ),
  ciphers: optional(
    text('names of ciphers as OpenSSL has them, parted by colons', 'LIST'),
    'Which ciphers clients may choose from; left out, those of Node.',
    'gevent',
  ),
  ssl_version: option(choice('TLSv1.2', 'TLSv1.3'), 'TLSv1.2', 'The oldest version of TLS that is spoken.', 'gevent'),
  alpn: option(
    list<AlpnProtocol>(`protocols, the preferred one first: ${ALPN_PROTOCOLS.join(', ')}`, 'LIST', isAlpnProtocol),
    ALPN_PROTOCOLS.join(' '),
    'What is offered to clients over TLS (ALPN). Who offers none of it is refused; who offers nothing speaks http/1.1.',
    'hypercorn',
  ),
  handshake_timeout: option(
    seconds({ minMs: 1 }),
    '10',
    'How long the handshake of TLS may take: then the connection is closed.',
  ),
  max_handshakes: option(
    count({ min: 1 }),
    '1024',
    'Handshakes of TLS under way in a worker; where there are more, the one that has taken longest is closed.',
  ),
} as const satisfies Options;
