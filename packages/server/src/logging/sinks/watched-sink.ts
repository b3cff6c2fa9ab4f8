// logging/sinks/watched-sink.ts: a file that somebody else moves away, and that is opened again by itself: WatchedFileHandler.

import { statSync, type Stats } from 'node:fs';
import { Complaint } from './complaint.ts';
import { FileSink } from './file-sink.ts';

export class WatchedSink extends FileSink {
  readonly #unopened = new Complaint();

  /** Looked for with each round of records, not with each record. */
  override flush(): void {
    const ours = this.stats();
    if (ours !== undefined && !this.#isThere(ours)) this.#reopen();
    super.flush();
  }

  #isThere({ ino, dev }: Stats): boolean {
    try {
      const there = statSync(this.path, { throwIfNoEntry: false });
      return there?.ino === ino && there.dev === dev;
    } catch {
      // A folder that was replaced, or closed to us: whether one can be made there is seen then.
      return false;
    }
  }

  #reopen(): void {
    try {
      this.reopen();
      this.#unopened.takeBack();
    } catch (error) {
      this.#unopened.make(`the log goes on into the file that was moved away: ${(error as Error).message}`);
    }
  }
}
