// logging/sinks/watched-sink.ts: a file that somebody else moves away, and that is opened again by itself: WatchedFileHandler.

import { Complaint } from './complaint.ts';
import { FileSink } from './file-sink.ts';

export class WatchedSink extends FileSink {
  readonly #unopened = new Complaint();

  /** Looked for with each round of records, not with each record. */
  override flush(): void {
    if (this.isMoved) this.#reopen();
    super.flush();
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
