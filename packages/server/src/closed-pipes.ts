// closed-pipes.ts: a reader of what we print that goes away, or a disk that is full, is no reason to stop serving.

/** For the standard streams of this process; more than once does nothing. */
export function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.listenerCount('error', ignore) === 0) stream.on('error', ignore);
  }
}

function ignore(): void {
  // Nobody is left whom it could be told.
}
