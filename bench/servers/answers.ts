// What all servers answer with.

import { existsSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const BODY = Buffer.from('Hello, world!');
export const MIB = Buffer.alloc(1_024 ** 2, 'x');

const BIG_BYTES = 100 * 1_024 ** 2;
/** A sparse file: it is the sending that is measured, not the disk. */
export const BIG_FILE = join(tmpdir(), 'appserve-bench-100MiB');
if (!existsSync(BIG_FILE) || statSync(BIG_FILE).size !== BIG_BYTES) {
  // Another server may make it, or send it, at the same time.
  const own = `${BIG_FILE}.${process.pid}`;
  writeFileSync(own, '');
  truncateSync(own, BIG_BYTES);
  renameSync(own, BIG_FILE);
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
