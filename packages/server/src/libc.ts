// libc.ts: the calls of the C library that Node does not offer, by koffi. What they are good for is said where they are used:
// listen/descriptor.ts, listen/unix-queue.ts, notify/notify-socket.ts, process/accounts.ts, process/kill-unless.ts.
//
// Law: the one door to koffi, and nothing in it thinks. It costs 13 ms and 4 MB: the main thread comes here, and a worker that is a
// process, and the log thread for a unix socket of syslog; no worker that is a thread does.

import { getSystemErrorMap } from 'node:util';
import koffi from 'koffi';

const library = koffi.load(null);

const mmap = library.func('void *mmap(void *at, size_t length, int protection, int flags, int fd, int64_t offset)') as (
  at: null,
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
) => unknown;
/** MAP_FAILED is (void *) -1. */
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;

/** Nothing where the C library has no such call. */
function optional(prototype: string): ReturnType<typeof library.func> | undefined {
  try {
    return library.func(prototype);
  } catch {
    return undefined;
  }
}

export const libc = {
  fcntl: library.func('int fcntl(int fd, int command, ...)') as (fd: number, command: number, ...rest: unknown[]) => number,
  /** Nothing when it failed. */
  mmap: (length: number, protection: number, flags: number, fd: number): ArrayBuffer | undefined => {
    const at = mmap(null, length, protection, flags, fd, 0);
    return koffi.address(at) === MAP_FAILED ? undefined : koffi.view(at, length);
  },
  munmap: library.func('int munmap(void *at, size_t length)') as (at: ArrayBuffer, length: number) => number,
  /** Linux, with a C library that is not very old. */
  memfdCreate: optional('int memfd_create(const char *name, unsigned int flags)') as
    | ((name: string, flags: number) => number)
    | undefined,
  listen: library.func('int listen(int fd, int backlog)') as (fd: number, backlog: number) => number,
  /** At once, with all threads, wherever they are: nothing is closed or flushed. */
  exit: library.func('void _exit(int status)') as (status: number) => void,
  close: library.func('int close(int fd)') as (fd: number) => number,
  dup2: library.func('int dup2(int from, int to)') as (from: number, to: number) => number,
  /** `limits` is filled in: the soft limit, then the hard one. */
  getrlimit: library.func('int getrlimit(int resource, _Out_ uint64_t *limits)') as (
    resource: number,
    limits: BigUint64Array,
  ) => number,
  socket: library.func('int socket(int domain, int type, int protocol)') as (
    domain: number,
    type: number,
    protocol: number,
  ) => number,
  /** `length` is filled in: how many bytes the value has. */
  getsockopt: library.func('int getsockopt(int fd, int level, int name, _Out_ uint8_t *value, _Inout_ uint32_t *length)') as (
    fd: number,
    level: number,
    name: number,
    value: Uint8Array,
    length: [number],
  ) => number,
  /** `length` is filled in: how many bytes the name has, which may be more than there was room for. */
  getsockname: library.func('int getsockname(int fd, _Out_ uint8_t *name, _Inout_ uint32_t *length)') as (
    fd: number,
    name: Uint8Array,
    length: [number],
  ) => number,
  sendto: library.func(
    'long sendto(int fd, const uint8_t *bytes, size_t count, int flags, const uint8_t *to, uint32_t toLength)',
  ) as (fd: number, bytes: Uint8Array, count: number, flags: number, to: Uint8Array, toLength: number) => number,
  recv: library.func('long recv(int fd, _Out_ uint8_t *bytes, size_t count, int flags)') as (
    fd: number,
    bytes: Uint8Array,
    count: number,
    flags: number,
  ) => number,
};

// The first fields are the same in glibc, musl and on macOS; the others are not ours to read.
const passwd = koffi.struct({ name: 'str', password: 'str', uid: 'uint32_t', gid: 'uint32_t' });
const group = koffi.struct({ name: 'str', password: 'str', gid: 'uint32_t' });
const getpwnam = library.func('getpwnam', koffi.pointer(passwd), ['str']) as (name: string) => unknown;
const getpwuid = library.func('getpwuid', koffi.pointer(passwd), ['uint32_t']) as (uid: number) => unknown;
const getgrnam = library.func('getgrnam', koffi.pointer(group), ['str']) as (name: string) => unknown;

export interface Passwd {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The account of a user, by name or by number. */
export function userEntry(user: string | number): Passwd | undefined {
  const found = typeof user === 'string' ? getpwnam(user) : getpwuid(user);
  return found === null ? undefined : (koffi.decode(found, passwd) as Passwd);
}

export function groupEntry(name: string): { readonly gid: number } | undefined {
  const found = getgrnam(name);
  return found === null ? undefined : (koffi.decode(found, group) as { gid: number });
}

export interface SystemError {
  /** EBADF, ... */
  readonly code: string;
  /** As people say it. */
  readonly text: string;
}

/** Why the last call failed. */
export function lastError(): SystemError {
  const [code, text] = getSystemErrorMap().get(-koffi.errno()) ?? [`errno ${koffi.errno()}`, 'unknown error'];
  return { code, text };
}
