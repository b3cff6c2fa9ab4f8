// workers/shared-memory.ts: memory that a supervisor and its workers all see.
//
// Within a process that is a SharedArrayBuffer. Between processes it is a file without a name, which each of them maps (mmap(2)): one in
// memory where the system has such, else one in the folder for temporary files.

import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '@appserve/core';
import { fileInMemory, mapped, unmap } from '../listen/descriptor.ts';
import { messageOf } from '../log.ts';

export type SharedMemory = SharedArrayBuffer | ArrayBuffer;

/** `fd`: for processes that are started, theirs to map; nothing where there are only threads. */
export interface Shared {
  readonly memory: SharedMemory;
  readonly fd: number | undefined;
  /** Once, when nobody in this process looks at it any more. Who has mapped it too keeps it. */
  free(): void;
}

const ONLY_OURS = 0o600;

/** Filled with zeros. Faults: DESCRIPTOR_FAILED. */
export function newSharedMemory(bytes: number, isForProcesses: boolean): Shared {
  if (!isForProcesses) return { memory: new SharedArrayBuffer(bytes), fd: undefined, free: () => undefined };
  try {
    return inFile(fileInMemory('appserve') ?? openUnnamed(), bytes);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('DESCRIPTOR_FAILED', { call: 'making memory that processes share', why: messageOf(cause) }, { cause });
  }
}

function openUnnamed(): number {
  const path = join(tmpdir(), `.appserve-${crypto.getRandomValues(Buffer.alloc(9)).toString('hex')}`);
  const fd = openSync(path, 'wx+', ONLY_OURS);
  unlinkSync(path);
  return fd;
}

function inFile(fd: number, bytes: number): Shared {
  try {
    // Written, not only made as long: a disk that is full is an error here, and a crash (SIGBUS) later.
    const zeros = Buffer.alloc(bytes);
    for (let written = 0; written < bytes;) written += writeSync(fd, zeros, written);
    const memory = mapped(fd, bytes);
    const free = (): void => {
      unmap(memory);
      closeSync(fd);
    };
    return { memory, fd, free };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
