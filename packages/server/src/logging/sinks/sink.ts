// logging/sinks/sink.ts: where the lines of a handler end: what all of them can do. They live in the log thread.
//
// Law: no sink waits. What a stream does not take now is kept, up to a bound, and tried again; beyond the bound it is lost and counted.

export interface Sink {
  /** A record with its end. `level`: Python's. */
  write(text: string, level: number): void;
  /** Lines as they are: writes what can be written now, and gives how many bytes. */
  writeLines(bytes: Uint8Array): number;
  /** What it holds is written: of several records at once, or of a stream that took nothing before. */
  flush(): void;
  /** Something waits for it to take more. */
  readonly isStalled: boolean;
  /** Records that were lost, since it was asked last. */
  takeLost(): number;
  /** After a file was moved away. Gives its path; nothing where there is no file. Throws when it cannot, and goes on as before. */
  reopen(): string | undefined;
  close(): void;
}

export class NullSink implements Sink {
  readonly isStalled = false;

  write(): void {
    // Nobody wants it.
  }

  writeLines({ length }: Uint8Array): number {
    return length;
  }

  flush(): void {
    // Nothing is held.
  }

  takeLost(): number {
    return 0;
  }

  reopen(): undefined {
    return undefined;
  }

  close(): void {
    // Nothing is open.
  }
}
