// proxy-protocol/header.ts: what a proxy says ahead of the first byte of its client: a machine.
//
// Law: the receiver must not guess (§2). Whoever is to say a header says one, as its first bytes, and a whole one; all else is a fault.
// Source: The PROXY protocol, versions 1 & 2, haproxy.org/download/2.6/doc/proxy-protocol.txt; § are of it.

import { latin1 } from '../bytes.ts';
import { Fault, type FaultDetails } from '../faults.ts';
import { SAY_ONE } from '../peer-faults.ts';
import { isSignature, readBinary, SIGNATURE } from './binary.ts';
import { readLine } from './line.ts';
import type { ProxyHeader } from './proxied-ends.ts';

/** Which versions are spoken. */
export type ProxyVersions = 'v1' | 'v2' | 'any';

const LINE_BEGINNING = 'PROXY ';

/** `bytes`: all that has come. Nothing: it is not whole, which it is with HEADER_BYTES_MAX at the latest. Faults: PROXY_HEADER_INVALID. */
export function readProxyHeader(bytes: Uint8Array, versions: ProxyVersions): ProxyHeader | undefined {
  if (bytes.length === 0) return undefined;
  if (versions !== 'v1' && isSignature(bytes)) return readBinary(bytes);
  if (versions !== 'v2' && isLine(bytes)) return readLine(bytes);
  throw new Fault('PROXY_HEADER_INVALID', whyNone(bytes, versions));
}

/** As far as it has come. */
function isLine(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length, LINE_BEGINNING.length);
  return latin1(bytes, 0, length) === LINE_BEGINNING.slice(0, length);
}

function whyNone(bytes: Uint8Array, versions: ProxyVersions): FaultDetails<'PROXY_HEADER_INVALID'> {
  if (isSignature(bytes)) return { why: 'it is of version 2, and only version 1 is spoken', hint: EITHER };
  // The shortest beginning that is none of the other version's.
  if (isLine(bytes)) return { why: 'it is of version 1, and only version 2 is spoken', hint: EITHER };
  const text = latin1(bytes, 0, Math.min(bytes.length, SIGNATURE.length));
  const why = `the connection begins with ${JSON.stringify(text)}, which is no header${versions === 'any' ? '' : ` of ${versions}`}`;
  return { why, hint: SAY_ONE };
}

const EITHER = 'proxy_protocol = any takes both';
