// listen/descriptor.ts: what can be done with a descriptor, and asked about it, that Node does not offer.
//
// Law: one listening descriptor number is never used by two threads. Closing it in one of them would abort the process
// (libuv: "events & POLLIN"), so each worker gets a number of its own for the same socket.

import { Fault } from '@appserve/core';
import { lastError, libc, type SystemError } from '../libc.ts';

const IS_MAC = process.platform === 'darwin';
/** fcntl(2): a duplicate that programs started by the app do not inherit. */
const F_DUPFD_CLOEXEC = IS_MAC ? 67 : 1_030;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
/** getrlimit(2). */
const RLIMIT_NOFILE = IS_MAC ? 8 : 7;
const RLIMIT_STACK = 3;
/** Descriptors 0 to 2 are the standard streams, even when they are closed. */
const LOWEST_DESCRIPTOR = 3;

/** socket(7) and, where there are two numbers, the one of macOS first. */
const SOL_SOCKET = IS_MAC ? 0xff_ff : 1;
const SO_TYPE = IS_MAC ? 0x10_08 : 3;
const SO_ACCEPTCONN = IS_MAC ? 2 : 30;
const SOCK_STREAM = 1;
const IPPROTO_TCP = 6;
const TCP_INFO = 11;
/** `tcpi_sacked` of struct tcp_info: of a socket that listens, the longest queue (tcp_get_info in Linux' net/ipv4/tcp.c). */
const TCPI_SACKED_AT = 28;

/** The largest that getsockname(2) gives, with some room: sockaddr_un has 110 bytes. */
const NAME_BYTES_MAX = 128;

/** How many the process may have open: no number of one is as high. */
export function descriptorsMax(): number {
  return softLimit(RLIMIT_NOFILE);
}

/** How far the stack of a process that is started from here may grow. Not of a thread. */
export function stackMaxBytes(): number {
  return softLimit(RLIMIT_STACK);
}

function softLimit(resource: number): number {
  const limits = new BigUint64Array(2);
  // RLIM_INFINITY is a number too, higher than any that is used up.
  return libc.getrlimit(resource, limits) === -1 ? Number.POSITIVE_INFINITY : Number(limits[0]);
}

/** Another number for the same open socket. Faults: DESCRIPTOR_FAILED. */
export function duplicate(fd: number): number {
  const copy = libc.fcntl(fd, F_DUPFD_CLOEXEC, 'int', LOWEST_DESCRIPTOR);
  if (copy === -1) throw new Fault('DESCRIPTOR_FAILED', { call: `duplicating descriptor ${fd}`, why: lastError().text });
  return copy;
}

/** listen(2) without accepting: the kernel queues, the workers accept. Gives the name of the error, if there was one. */
export function startListening(fd: number, backlog: number): SystemError | undefined {
  return libc.listen(fd, backlog) === -1 ? lastError() : undefined;
}

/** Closes a number that no stream has taken over. */
export function closeDescriptor(fd: number): void {
  libc.close(fd);
}

/** Keeps programs that the app starts from inheriting it. */
export function closeOnExec(fd: number): void {
  libc.fcntl(fd, F_SETFD, 'int', FD_CLOEXEC);
}

/** Why a descriptor is no listening stream socket, in words that complete "descriptor 3 ..."; nothing when it is one. */
export function whyNotListening(fd: number): string | undefined {
  const type = numberOption(fd, SO_TYPE);
  if (typeof type !== 'number') return REASONS[type.code] ?? `cannot be asked: ${type.text} (${type.code})`;
  if (type !== SOCK_STREAM) return 'is a socket, but not of streams: HTTP/1.1 needs TCP or a unix stream socket';
  if (numberOption(fd, SO_ACCEPTCONN) === 0) return 'is a stream socket, but does not listen; is it a connection?';
  return undefined;
}

const REASONS: Readonly<Record<string, string>> = { EBADF: 'is not open', ENOTSOCK: 'is no socket' };

function numberOption(fd: number, name: number): number | SystemError {
  const value = Buffer.alloc(4);
  return libc.getsockopt(fd, SOL_SOCKET, name, value, [value.length]) === -1 ? lastError() : readInt(value);
}

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;

/** The memory of an open file, shared with whoever maps it too; until it is unmapped. Faults: DESCRIPTOR_FAILED. */
export function mapped(fd: number, bytes: number): ArrayBuffer {
  const memory = libc.mmap(bytes, PROT_READ_WRITE, MAP_SHARED, fd);
  if (memory === undefined) throw new Fault('DESCRIPTOR_FAILED', { call: `mapping descriptor ${fd}`, why: lastError().text });
  return memory;
}

/** Whoever touches that memory from here on crashes. */
export function unmap(memory: ArrayBuffer): void {
  libc.munmap(memory, memory.byteLength);
}

const MFD_CLOEXEC = 1;

/** A file in memory that is in no folder (memfd_create(2)). `name`: for /proc. Nothing where the system has none. */
export function fileInMemory(name: string): number | undefined {
  const fd = libc.memfdCreate?.(name, MFD_CLOEXEC) ?? -1;
  return fd === -1 ? undefined : fd;
}

/** The int of C, in the order of this machine. */
function readInt(bytes: Buffer): number {
  return new Int32Array(bytes.buffer, bytes.byteOffset, 1)[0]!;
}

/** The sockaddr that a socket is bound to. Faults: DESCRIPTOR_FAILED. */
export function boundName(fd: number): Buffer {
  const name = Buffer.alloc(NAME_BYTES_MAX);
  const length: [number] = [name.length];
  if (libc.getsockname(fd, name, length) === -1)
    throw new Fault('DESCRIPTOR_FAILED', { call: `asking for the address of descriptor ${fd}`, why: lastError().text });
  return name.subarray(0, Math.min(length[0], name.length));
}

/** How many connections the kernel queues for a TCP socket that listens; nothing where the kernel does not tell. */
export function tcpBacklogOf(fd: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const info = Buffer.alloc(TCPI_SACKED_AT + 4);
  const length: [number] = [info.length];
  const isTold = libc.getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, length) !== -1 && length[0] === info.length;
  return isTold ? readInt(info.subarray(TCPI_SACKED_AT)) : undefined;
}
