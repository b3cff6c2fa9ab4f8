// What all servers answer with.

import { closeSync, existsSync, ftruncateSync, openSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const BODY = Buffer.from('Hello, world!');
export const MIB = Buffer.alloc(1_024 ** 2, 'x');

const BIG_BYTES = 100 * 1_024 ** 2;
/** A sparse file: it is the sending that is measured, not the disk. */
export const BIG_FILE = join(tmpdir(), 'appserve-bench-100MiB');
if (!existsSync(BIG_FILE) || statSync(BIG_FILE).size !== BIG_BYTES) {
  const fd = openSync(BIG_FILE, 'w');
  ftruncateSync(fd, BIG_BYTES);
  closeSync(fd);
}

/** Of a server that was started with --expose-gc, which this throws without. The second run takes what the first has let go. */
export function heapUsed(): string {
  gc!();
  gc!();
  return String(process.memoryUsage().heapUsed);
}

export function openSockets(): string {
  return String(process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length);
}
