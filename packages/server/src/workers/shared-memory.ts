// workers/shared-memory.ts: memory that a supervisor and its workers all see.
//
// Within a process that is a SharedArrayBuffer. Between processes it is a file without a name, which each of them maps (mmap(2)).

import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mapped } from '../listen/descriptor.ts';

export type SharedMemory = SharedArrayBuffer | ArrayBuffer;

/** `fd`: for processes that are started, theirs to map; nothing where there are only threads. */
export interface Shared {
  readonly memory: SharedMemory;
  readonly fd: number | undefined;
}

const ONLY_OURS = 0o600;

/** Filled with zeros. Faults: DESCRIPTOR_FAILED; errors of the system, when there is no room for a file. */
export function newSharedMemory(bytes: number, isForProcesses: boolean): Shared {
  if (!isForProcesses) return { memory: new SharedArrayBuffer(bytes), fd: undefined };
  const path = join(tmpdir(), `.appserve-${crypto.getRandomValues(Buffer.alloc(9)).toString('hex')}`);
  const fd = openSync(path, 'wx+', ONLY_OURS);
  try {
    unlinkSync(path);
    // Written, not only made as long: a disk that is full is an error here, and a crash (SIGBUS) later.
    writeSync(fd, Buffer.alloc(bytes));
    return { memory: mapped(fd, bytes), fd };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
