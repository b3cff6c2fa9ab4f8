// listen/descriptor.ts: the three system calls on descriptors that Node does not offer, by koffi.
//
// Law: one listening descriptor number is never used by two threads. Closing it in one of them would abort the process
// (libuv: "events & POLLIN"), so each worker gets a number of its own for the same socket.

import { getSystemErrorMap } from 'node:util';
import { Fault } from '@appserve/core';
import koffi from 'koffi';

const libc = koffi.load(null);
const fcntlNumber = libc.func('int fcntl(int fd, int command, ...)') as (
  fd: number,
  command: number,
  ...rest: unknown[]
) => number;
const listenNumber = libc.func('int listen(int fd, int backlog)') as (fd: number, backlog: number) => number;
const closeNumber = libc.func('int close(int fd)') as (fd: number) => number;

/** fcntl(2): a duplicate that programs started by the app do not inherit. */
const F_DUPFD_CLOEXEC = process.platform === 'darwin' ? 67 : 1_030;
/** Descriptors 0 to 2 are the standard streams, even when they are closed. */
const LOWEST_DESCRIPTOR = 3;

/** Another number for the same open socket. Faults: DESCRIPTOR_FAILED. */
export function duplicate(fd: number): number {
  const copy = fcntlNumber(fd, F_DUPFD_CLOEXEC, 'int', LOWEST_DESCRIPTOR);
  if (copy === -1) throw new Fault('DESCRIPTOR_FAILED', { call: `duplicating descriptor ${fd}`, why: lastError().text });
  return copy;
}

/** listen(2) without accepting: the kernel queues, the workers accept. Gives the name of the error, if there was one. */
export function startListening(fd: number, backlog: number): { code: string; text: string } | undefined {
  return listenNumber(fd, backlog) === -1 ? lastError() : undefined;
}

/** Closes a number that no stream has taken over. */
export function closeDescriptor(fd: number): void {
  closeNumber(fd);
}

function lastError(): { code: string; text: string } {
  const [code, text] = getSystemErrorMap().get(-koffi.errno()) ?? [`errno ${koffi.errno()}`, 'unknown error'];
  return { code, text };
}
