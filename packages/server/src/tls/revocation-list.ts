// tls/revocation-list.ts: who has written a list of what is revoked, and until when it is valid (RFC 5280 §5.1). A machine.

import type { X509Certificate } from 'node:crypto';
import { elementAt, elementsIn, inside, nameKeyOf, TAG, timeMsOf } from './der.ts';

export interface RevocationList {
  readonly pem: string;
  /** Equal to `subjectKeyOf` of its authority. */
  readonly issuerKey: string;
  readonly thisUpdateMs: number;
  /** Left out, it is valid for ever. */
  readonly nextUpdateMs: number | undefined;
}

/** Throws where it is none. */
export function revocationListOf(pem: string): RevocationList {
  const der = Buffer.from(pem.replaceAll(/-----[^-]*-----/g, ''), 'base64');
  const fields = inside(inside(elementsIn(der), 0), 0);
  // TBSCertList: [version], signature, issuer, thisUpdate, [nextUpdate], ...
  const first = fields[0]?.tag === TAG.integer ? 1 : 0;
  const next = fields[first + 3];
  const isTime = next?.tag === TAG.utcTime || next?.tag === TAG.generalizedTime;
  return {
    pem,
    issuerKey: nameKeyOf(elementAt(fields, first + 1)),
    thisUpdateMs: timeMsOf(elementAt(fields, first + 2)),
    nextUpdateMs: isTime ? timeMsOf(next) : undefined,
  };
}

/** Of an authority, by which its lists are known. */
export function subjectKeyOf({ raw }: X509Certificate): string {
  const fields = inside(inside(elementsIn(raw), 0), 0);
  // TBSCertificate (§4.1): [version], serialNumber, signature, issuer, validity, subject, ...
  return nameKeyOf(elementAt(fields, fields[0]?.tag === TAG.first ? 5 : 4));
}
