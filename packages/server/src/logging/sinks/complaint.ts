// logging/sinks/complaint.ts: what the log cannot write into itself: it is said on standard error, once, until it is good again.

import { writeSync } from 'node:fs';

const STDERR = 2;

/** As far as it is taken. */
export function toStderr(text: string | Uint8Array): void {
  try {
    writeSync(STDERR, typeof text === 'string' ? Buffer.from(text) : text);
  } catch {
    // There is nobody else to be told.
  }
}

export class Complaint {
  #isMade = false;

  /** `text`: without its line end. */
  make(text: string): void {
    if (!this.#isMade) toStderr(`${text}\n`);
    this.#isMade = true;
  }

  takeBack(): void {
    this.#isMade = false;
  }
}
