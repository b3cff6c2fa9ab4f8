// workers/heart.ts: one timer in a worker that says that its event loop turns, and what memory it has.

import { getHeapStatistics } from 'node:v8';
import type { Row } from './scoreboard.ts';

/**
 * Beats until the thread ends: the loop turns as long as it lives.
 *
 * Not `process.memoryUsage()`: it asks the kernel for the memory of the whole process too, which is no worker's own.
 */
export function startHeart(row: Row, everyMs: number): void {
  let dueMs = performance.now();
  const beat = (): void => {
    const nowMs = performance.now();
    const lateMs = Math.max(0, nowMs - dueMs);
    dueMs = nowMs + everyMs;
    const { used_heap_size: heapBytes, external_memory: externalBytes } = getHeapStatistics();
    row.beat(dueMs, lateMs, heapBytes, externalBytes);
  };
  // At once: what it has is known from when it serves.
  beat();
  // Unref'd: it is the sockets that keep a thread alive.
  setInterval(beat, everyMs).unref();
}
