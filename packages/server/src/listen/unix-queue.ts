// listen/unix-queue.ts: how many connections the kernel queues for a unix socket that listens, which only netlink tells: what
// `ss -xl` shows as Send-Q. Source: sock_diag(7), UDIAG_SHOW_RQLEN.

import { fstatSync } from 'node:fs';
import { endianness } from 'node:os';
import { libc } from '../libc.ts';
import { closeDescriptor } from './descriptor.ts';

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2_000_000;
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST = 1;
const AF_UNIX = 1;
const UDIAG_SHOW_RQLEN = 0x10;
const UNIX_DIAG_RQLEN = 4;
const ANY = 0xff_ff_ff_ff;

/** struct nlmsghdr, struct unix_diag_req or unix_diag_msg behind it, then attributes. */
const HEADER_BYTES = 16;
const REQUEST_BYTES = HEADER_BYTES + 24;
const ATTRIBUTES_AT = HEADER_BYTES + 16;
const ANSWER_BYTES_MAX = 256;
const MSG_DONTWAIT = 0x40;
/** Netlink speaks in the order of the machine. */
const IS_LITTLE = endianness() === 'LE';

/** Nothing where the kernel does not tell: no Linux, no netlink for this service (RestrictAddressFamilies=). */
export function unixBacklogOf(fd: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const netlink = libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG);
  if (netlink === -1) return undefined;
  try {
    const request = queueRequest(fstatSync(fd).ino);
    const kernel = Buffer.alloc(12);
    new DataView(kernel.buffer, kernel.byteOffset).setUint16(0, AF_NETLINK, IS_LITTLE);
    if (libc.sendto(netlink, request, request.length, 0, kernel, kernel.length) === -1) return undefined;
    const answer = Buffer.alloc(ANSWER_BYTES_MAX);
    // The kernel has answered by the time that sendto(2) returns.
    const length = libc.recv(netlink, answer, answer.length, MSG_DONTWAIT);
    return length > 0 ? queueOfAnswer(answer.subarray(0, length)) : undefined;
  } finally {
    closeDescriptor(netlink);
  }
}

function queueRequest(inode: number): Buffer {
  const bytes = Buffer.alloc(REQUEST_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint32(0, REQUEST_BYTES, IS_LITTLE);
  view.setUint16(4, SOCK_DIAG_BY_FAMILY, IS_LITTLE);
  view.setUint16(6, NLM_F_REQUEST, IS_LITTLE);
  view.setUint8(HEADER_BYTES, AF_UNIX);
  view.setUint32(HEADER_BYTES + 4, ANY, IS_LITTLE); // states
  view.setUint32(HEADER_BYTES + 8, inode, IS_LITTLE);
  view.setUint32(HEADER_BYTES + 12, UDIAG_SHOW_RQLEN, IS_LITTLE);
  view.setUint32(HEADER_BYTES + 16, ANY, IS_LITTLE); // cookie: none
  view.setUint32(HEADER_BYTES + 20, ANY, IS_LITTLE);
  return bytes;
}

function queueOfAnswer(answer: Buffer): number | undefined {
  const view = new DataView(answer.buffer, answer.byteOffset, answer.length);
  if (answer.length < ATTRIBUTES_AT || view.getUint16(4, IS_LITTLE) !== SOCK_DIAG_BY_FAMILY) return undefined;
  for (let at = ATTRIBUTES_AT; at + 12 <= answer.length;) {
    const length = view.getUint16(at, IS_LITTLE);
    // struct unix_diag_rqlen: of a socket that listens, how many wait, and how many may.
    if (view.getUint16(at + 2, IS_LITTLE) === UNIX_DIAG_RQLEN) return view.getUint32(at + 8, IS_LITTLE);
    at += Math.max(4, (length + 3) & ~3);
  }
  return undefined;
}
