// logging/sinks/watched-sink.ts: a file that somebody else moves away, and that is opened again by itself: WatchedFileHandler.

import { statSync } from 'node:fs';
import { FileSink } from './file-sink.ts';

export class WatchedSink extends FileSink {
  /** Looked for with each round of records, not with each record. */
  override flush(): void {
    const ours = this.stats();
    const there = ours && statSync(this.path, { throwIfNoEntry: false });
    if (ours !== undefined && (there?.ino !== ours.ino || there.dev !== ours.dev)) this.#reopen();
    super.flush();
  }

  #reopen(): void {
    try {
      this.reopen();
    } catch {
      // It goes on into the one that was moved away, until another one can be made.
    }
  }
}
