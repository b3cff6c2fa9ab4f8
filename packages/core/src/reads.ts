// reads.ts: who reads a file that decides what is served says so here, for a server that reloads when one changes.
//
// Nobody listens where nothing is watched. The listener is a thread's own, and global by symbol, not by module: the package that reads
// may have another copy of this one than the package that listens, and hooks of Node's module loader run in a thread of their own.

export type ReadListener = (path: string) => void;

const SLOT = Symbol.for('appserve.reads');
const slots = globalThis as unknown as Record<symbol, ReadListener | undefined>;

/** To be said before the file is read: an absolute path, also of a file that is not there and should be. */
export function tellRead(path: string): void {
  slots[SLOT]?.(path);
}

/** From here on `listener` is told of this thread's reads. */
export function listenToReads(listener: ReadListener): void {
  slots[SLOT] = listener;
}
