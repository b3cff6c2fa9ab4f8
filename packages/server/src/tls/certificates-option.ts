// tls/certificates-option.ts: how an ini lists certificates for several names:
//
//   certificates =
//       example.org,www.example.org  /etc/tls/example.pem  /etc/tls/example.key
//       *.shop.test                  shop.pem              shop.key

export interface CertificateFiles {
  readonly hosts: readonly string[];
  readonly certfile: string;
  readonly keyfile: string;
}

export const CERTIFICATES_FORM =
  'lines of three words: a name or *.name (several parted by commas), a certificate file, a key file';

/** A label may begin with an underscore; a wildcard stands for the whole first label (RFC 9525 §6.3). Other alphabets are written xn--. */
const HOST = /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?$/i;

/** Nothing where a line is of another form. */
export function readCertificates(text: string): readonly CertificateFiles[] | undefined {
  const lines = text.split('\n').filter((line) => /[^ \t\r]/.test(line));
  const read = lines.map(readLine);
  return read.length > 0 && read.every((line) => line !== undefined) ? read : undefined;
}

function readLine(line: string): CertificateFiles | undefined {
  const [names = '', certfile, keyfile, more] = line.split(/[ \t\r]+/).filter((word) => word !== '');
  const hosts = names.split(',');
  if (certfile === undefined || keyfile === undefined || more !== undefined || !hosts.every((host) => HOST.test(host)))
    return undefined;
  return { hosts, certfile, keyfile };
}
