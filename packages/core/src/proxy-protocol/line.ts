// proxy-protocol/line.ts: version 1 (§2.1): `PROXY TCP4 192.0.2.1 192.0.2.2 56324 443` CRLF.

import { latin1 } from '../bytes.ts';
import { Fault } from '../faults.ts';
import { addressBytes, addressText } from '../message/address.ts';
import type { ProxiedEnds, ProxyHeader } from './proxied-ends.ts';

/** CRLF with it: what the longest one of two IPv6 addresses takes, and UNKNOWN may. */
const LINE_BYTES_MAX = 107;
const CR = 0x0d;
const LF = 0x0a;

const BYTES = { TCP4: 4, TCP6: 16 } as const;

/** `bytes` begin with `PROXY `, as far as they have come. */
export function readLine(bytes: Uint8Array): ProxyHeader | undefined {
  const end = lineEnd(bytes);
  if (end === undefined) return undefined;
  return { ends: endsOf(latin1(bytes, 0, end)), length: end + 2 };
}

/** Where the CR is; nothing: it is not here, or its LF is not. */
function lineEnd(bytes: Uint8Array): number | undefined {
  const length = Math.min(bytes.length, LINE_BYTES_MAX);
  for (let at = 0; at < length; at += 1) {
    const byte = bytes[at]!;
    if (byte === CR && at + 1 < length) {
      if (bytes[at + 1] !== LF) throw wrong('its CR has no LF behind it');
      return at;
    }
    if (byte !== CR && (byte < 0x20 || byte > 0x7e)) throw wrong(`byte ${at + 1} is no printable ASCII`);
  }
  if (bytes.length >= LINE_BYTES_MAX) throw wrong(`it is longer than ${LINE_BYTES_MAX} bytes`);
  return undefined;
}

function endsOf(line: string): ProxiedEnds | undefined {
  // What stands behind UNKNOWN must be ignored, and need not be there.
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return undefined;
  const words = line.split(' ');
  const [, family, source = '', destination = '', sourcePort = '', destinationPort = ''] = words;
  if (family !== 'TCP4' && family !== 'TCP6') throw wrong(`${JSON.stringify(family)} is none of TCP4, TCP6 and UNKNOWN`);
  if (words.length !== 6) throw wrong('it is not two addresses and two ports, each behind one space');
  return {
    remoteAddress: addressIn(source, family),
    remotePort: portIn(sourcePort),
    localAddress: addressIn(destination, family),
    localPort: portIn(destinationPort),
    isSecure: false,
  };
}

function addressIn(text: string, family: keyof typeof BYTES): string {
  const bytes = addressBytes(text);
  if (bytes?.length !== BYTES[family]) throw wrong(`${JSON.stringify(text)} is no address of ${family}`);
  return addressText(bytes);
}

/** Without leading zeros, so that nobody takes them for octal. */
function portIn(text: string): string {
  if (!/^(?:0|[1-9][0-9]{0,4})$/.test(text) || Number(text) > 65_535) throw wrong(`${JSON.stringify(text)} is no port`);
  return text;
}

function wrong(why: string): Fault {
  return new Fault('PROXY_HEADER_INVALID', { why });
}
