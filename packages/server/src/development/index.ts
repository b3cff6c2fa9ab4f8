// The face of this folder, for whoever cannot start a server yet since the configuration has to be mended first, and for whoever watches
// something else.

export { waitForChange } from './wait-for-change.ts';
export { readsOf, type Read } from './reads.ts';
export { Patterns } from './patterns.ts';
export { Watcher, type WatcherEvents } from './watcher.ts';
