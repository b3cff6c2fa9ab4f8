// proxy-header.ts: PROXY headers as proxies write them, from parts: written anew, so that nothing is shared with what reads them.

import { isIPv6 } from 'node:net';

export const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
export const LOCAL = 0x20;
export const PROXY = 0x21;
export const TCP4 = 0x11;
const TCP6 = 0x21;
export const UNIX = 0x31;

/** A byte a char, as RawClient sends text. */
function octets(...bytes: readonly number[]): string {
  return String.fromCharCode(...bytes);
}

function word(number: number): string {
  return octets(number >> 8, number & 0xff);
}

/** `192.0.2.1`, or all eight groups of an IPv6 address. */
function addressOctets(address: string): string {
  if (!isIPv6(address)) return octets(...address.split('.').map(Number));
  return address
    .split(':')
    .map((group) => word(Number.parseInt(group, 16)))
    .join('');
}

export interface Ends {
  readonly from: string;
  readonly fromPort: number;
  readonly to: string;
  readonly toPort: number;
}

export const ENDS: Ends = { from: '192.0.2.1', fromPort: 56_324, to: '198.51.100.2', toPort: 8_443 };
export const ENDS6: Ends = { from: '2001:db8:0:0:0:0:0:1', fromPort: 1, to: '2001:db8:0:0:0:0:0:2', toPort: 65_535 };

export function line({ from, fromPort, to, toPort }: Ends = ENDS): string {
  return `PROXY ${isIPv6(from) ? 'TCP6' : 'TCP4'} ${from} ${to} ${fromPort} ${toPort}\r\n`;
}

export function addresses({ from, fromPort, to, toPort }: Ends = ENDS): string {
  return addressOctets(from) + addressOctets(to) + word(fromPort) + word(toPort);
}

export function tlv(type: number, value: string): string {
  return octets(type) + word(value.length) + value;
}

export function binary(command: number, family: number, payload: string): string {
  return SIGNATURE + octets(command, family) + word(payload.length) + payload;
}

/** Of version 2, with what else there is to say. */
export function block(ends: Ends = ENDS, tlvs = ''): string {
  return binary(PROXY, isIPv6(ends.from) ? TCP6 : TCP4, addresses(ends) + tlvs);
}

/** Two unix sockets. */
export function unixBlock(from: string, to: string): string {
  return binary(PROXY, UNIX, from.padEnd(108, '\0') + to.padEnd(108, '\0'));
}

/** PP2_TYPE_SSL of a client that speaks TLS, without more. */
export const OVER_TLS = tlv(0x20, octets(1, 0, 0, 0, 0));

/** Bit by bit (RFC 3720 appendix B.4). */
function checksum(text: string): number {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text, 'latin1')) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** Of version 2, with its checksum behind `tlvs`. */
export function checkedBlock(ends: Ends = ENDS, tlvs = ''): string {
  const crc = checksum(block(ends, tlvs + tlv(0x03, '\0\0\0\0')));
  return block(ends, tlvs + tlv(0x03, octets(crc >>> 24, (crc >>> 16) & 0xff, (crc >>> 8) & 0xff, crc & 0xff)));
}
