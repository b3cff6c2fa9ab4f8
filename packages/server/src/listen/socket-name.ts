// listen/socket-name.ts: the bytes of a sockaddr as an address: what an inherited socket is bound to, told before anybody listens.
// Source: ip(7), ipv6(7), unix(7). Numbers of the network are big-endian; the family is in the order of the machine.

import { SocketAddress } from 'node:net';
import type { Address } from './address.ts';

const AF_UNIX = 1;
const AF_INET = 2;
/** Of Linux, macOS and FreeBSD. */
const AF_INET6: readonly number[] = [10, 30, 28];

/** `isBsd`: the family is one byte behind the length, as on macOS. Nothing for families that are neither IP nor unix. */
export function addressOfName(name: Buffer, isBsd = process.platform === 'darwin'): Address | undefined {
  if (name.length < 2) return undefined;
  const family = isBsd ? name[1]! : new Uint16Array(Uint8Array.from(name.subarray(0, 2)).buffer)[0]!;
  if (family === AF_UNIX) return { type: 'unix', path: unixPath(name.subarray(2)) };
  if (family === AF_INET && name.length >= 8)
    return { type: 'tcp', host: name.subarray(4, 8).join('.'), port: name.readUInt16BE(2) };
  if (AF_INET6.includes(family) && name.length >= 24)
    return { type: 'tcp', host: ipv6(name.subarray(8, 24)), port: name.readUInt16BE(2) };
  return undefined;
}

/** An abstract name begins with NUL, which is written as @, like ss and systemd do it. A socket without a name has an empty path. */
function unixPath(bytes: Buffer): string {
  if (bytes[0] === 0 && bytes.length > 1) return `@${bytes.subarray(1).toString()}`;
  const end = bytes.indexOf(0);
  return bytes.subarray(0, end === -1 ? bytes.length : end).toString();
}

/** As short as RFC 5952 wants it, which SocketAddress does. */
function ipv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
}
