// proxy-protocol/binary.ts: version 2 (§2.2): a signature, version and command, family and protocol, a length, addresses, and TLVs.

import { latin1 } from '../bytes.ts';
import { Fault } from '../faults.ts';
import { addressText } from '../message/address.ts';
import { crc32c } from './crc32c.ts';
import type { ProxiedEnds, ProxyHeader } from './proxied-ends.ts';

export const SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
const VERSION_AT = 12;
const FAMILY_AT = 13;
const LENGTH_AT = 14;
const FIXED_BYTES = 16;
/** The longest addresses, those of unix sockets, and as many bytes of TLVs as the smallest TCP segment has that everybody takes (§2.2). */
const UNIX_BYTES = 216;
const TLV_BYTES_MAX = 536;
export const HEADER_BYTES_MAX = FIXED_BYTES + UNIX_BYTES + TLV_BYTES_MAX;

const VERSION = 2;
const LOCAL = 0;
const PROXY = 1;
const UNSPEC = 0x00;

/** By the byte of family and protocol: how many bytes each address takes. UDP is nothing that is served here. */
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 0x11: 4, 0x21: 16, 0x31: 108 };
const DATAGRAMS = [0x12, 0x22, 0x32];
const UNIX_STREAM = 0x31;

const PP2_TYPE_CRC32C = 0x03;
const PP2_TYPE_SSL = 0x20;
const PP2_CLIENT_SSL = 0x01;
/** The client byte and the word `verify`, before the TLVs within. */
const SSL_BYTES_MIN = 5;

/** As far as it has come. */
export function isSignature(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length, SIGNATURE.length);
  for (let at = 0; at < length; at += 1) if (bytes[at] !== SIGNATURE[at]) return false;
  return true;
}

/** `bytes` begin with the signature, as far as they have come. */
export function readBinary(bytes: Uint8Array): ProxyHeader | undefined {
  if (bytes.length <= VERSION_AT) return undefined;
  const command = commandOf(bytes[VERSION_AT]!);
  if (bytes.length < FIXED_BYTES) return undefined;
  const family = bytes[FAMILY_AT]!;
  const length = FIXED_BYTES + bytes[LENGTH_AT]! * 256 + bytes[LENGTH_AT + 1]!;
  if (length > HEADER_BYTES_MAX) throw wrong(`it says that it has ${length} bytes, and ${HEADER_BYTES_MAX} is the limit`);
  // Where the proxy asks for itself, or says nothing of its client, whatever follows is passed over.
  const isProxied = command === PROXY && family !== UNSPEC;
  const addressBytes = isProxied ? addressBytesOf(family) : 0;
  if (length < FIXED_BYTES + 2 * addressBytes + (isIp(family) && isProxied ? 4 : 0))
    throw wrong('it is too short for its addresses');
  if (bytes.length < length) return undefined;
  return { ends: isProxied ? endsOf(bytes.subarray(0, length), family, addressBytes) : undefined, length };
}

function commandOf(byte: number): number {
  const version = byte >> 4;
  const command = byte & 0xf;
  if (version !== VERSION) throw wrong(`its signature is that of version 2, and it says version ${version}`);
  if (command !== LOCAL && command !== PROXY) throw wrong(`command ${command} is neither LOCAL nor PROXY`);
  return command;
}

function addressBytesOf(family: number): number {
  const bytes = ADDRESS_BYTES[family];
  const shown = `0x${family.toString(16).padStart(2, '0')}`;
  if (bytes === undefined)
    throw wrong(DATAGRAMS.includes(family) ? `${shown} is of datagrams` : `${shown} is no family and protocol`);
  return bytes;
}

function isIp(family: number): boolean {
  return family !== UNIX_STREAM;
}

/** `header`: the whole of it. */
function endsOf(header: Uint8Array, family: number, addressBytes: number): ProxiedEnds {
  const destination = FIXED_BYTES + addressBytes;
  const ports = destination + addressBytes;
  const ends = isIp(family)
    ? {
        remoteAddress: addressText(header.subarray(FIXED_BYTES, destination)),
        remotePort: portAt(header, ports),
        localAddress: addressText(header.subarray(destination, ports)),
        localPort: portAt(header, ports + 2),
      }
    : { remoteAddress: '', remotePort: '', localAddress: pathAt(header, destination, ports), localPort: '' };
  return { ...ends, isSecure: readTlvs(header, isIp(family) ? ports + 4 : ports) };
}

function portAt(header: Uint8Array, at: number): string {
  return String(header[at]! * 256 + header[at + 1]!);
}

/** Up to its NUL, or to its end. */
function pathAt(header: Uint8Array, from: number, to: number): string {
  const nul = header.indexOf(0, from);
  return latin1(header, from, nul === -1 || nul > to ? to : nul);
}

/** Gives whether the client speaks TLS. Types that say nothing to us are passed over, once their lengths are right. */
function readTlvs(header: Uint8Array, from: number): boolean {
  let isSecure: boolean | undefined;
  let hasChecksum = false;
  for (let at = from; at < header.length;) {
    const length = at + 3 > header.length ? Number.POSITIVE_INFINITY : header[at + 1]! * 256 + header[at + 2]!;
    const value = at + 3;
    if (value + length > header.length) throw wrong('a TLV is longer than what is left');
    const type = header[at];
    if (type === PP2_TYPE_CRC32C) {
      if (length !== 4 || hasChecksum) throw wrong('its checksum is not one of 4 bytes');
      hasChecksum = true;
      check(header, value);
    } else if (type === PP2_TYPE_SSL) {
      if (isSecure !== undefined) throw wrong('it says twice what its TLS is');
      if (length < SSL_BYTES_MIN) throw wrong('what it says of TLS is too short');
      isSecure = (header[value]! & PP2_CLIENT_SSL) !== 0;
    }
    at = value + length;
  }
  return isSecure === true;
}

/** Of the whole header, with zeros in the place of the checksum (§2.2.3). */
function check(header: Uint8Array, at: number): void {
  const told = ((header[at]! << 24) | (header[at + 1]! << 16) | (header[at + 2]! << 8) | header[at + 3]!) >>> 0;
  if (crc32c(Uint8Array.from(header).fill(0, at, at + 4)) !== told) throw wrong('its checksum is wrong');
}

function wrong(why: string): Fault {
  return new Fault('PROXY_HEADER_INVALID', { why });
}
