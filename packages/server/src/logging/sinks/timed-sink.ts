// logging/sinks/timed-sink.ts: a file that begins anew when a time is over: TimedRotatingFileHandler.
//
// Law: another process may write to the same file: while one takes the place of the other, both do. Whoever comes second finds the file
// moved and opens the new one, and no file of a period takes the place of another.

import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Destination } from '@appserve/core/log';
import { Complaint } from './complaint.ts';
import { FileSink } from './file-sink.ts';
import { isSuffix, rolloverAfter, suffixOf, type Schedule } from './rollover.ts';
import { moveAside } from './move-aside.ts';

type Timed = Destination & { readonly type: 'timed' };

export class TimedSink extends FileSink {
  readonly #schedule: Schedule;
  readonly #backupCount: number;
  #rolloverMs: number;
  readonly #unremoved = new Complaint();

  constructor(to: Timed) {
    super(to);
    this.#schedule = to;
    this.#backupCount = to.backupCount;
    const stats = this.stats();
    // One that is there goes on from when it was written last.
    const fromMs = stats === undefined || stats.size === 0 ? Date.now() : stats.mtimeMs;
    this.#rolloverMs = rolloverAfter(to, fromMs);
  }

  override write(text: string, level: number): void {
    this.#rollIfDue();
    super.write(text, level);
  }

  override writeLines(bytes: Uint8Array): number {
    this.#rollIfDue();
    return super.writeLines(bytes);
  }

  #rollIfDue(): void {
    const nowMs = Date.now();
    if (nowMs < this.#rolloverMs) return;
    const isRotated = this.isMoved;
    this.closeFile();
    if (!isRotated) {
      moveAside(this.path, `${this.path}.${suffixOf(this.#schedule, this.#rolloverMs)}`);
      this.#removeOld();
    }
    while (this.#rolloverMs <= nowMs) this.#rolloverMs = rolloverAfter(this.#schedule, this.#rolloverMs);
  }

  #removeOld(): void {
    if (this.#backupCount === 0) return;
    const folder = dirname(this.path);
    const prefix = `${basename(this.path)}.`;
    try {
      const old = readdirSync(folder)
        .filter((name) => name.startsWith(prefix) && isSuffix(this.#schedule, name.slice(prefix.length)))
        .toSorted();
      for (const name of old.slice(0, Math.max(0, old.length - this.#backupCount))) rmSync(join(folder, name), { force: true });
      this.#unremoved.takeBack();
    } catch (error) {
      this.#unremoved.make(`old files of ${this.path} cannot be removed: ${(error as Error).message}`);
    }
  }
}
