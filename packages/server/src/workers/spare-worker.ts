// workers/spare-worker.ts: where a thread begins that is to become a worker later, in development: all that is not the app's is loaded by
// then, which is most of the time that a worker takes.

import { parentPort, workerData } from 'node:worker_threads';
import { observe } from '../development/observe.ts';
import { beginThread, type ThreadData } from './thread-begin.ts';

/** What it begins with. */
export interface SpareData {
  readonly protocol: 'http' | 'fastcgi';
  /** The module by which apps are loaded: not the app's own. */
  readonly appSource: string;
}

const port = parentPort!;
const { protocol, appSource } = workerData as SpareData;

observe((reads) => port.postMessage({ type: 'development', news: { type: 'reads', reads } }));
await Promise.all([
  protocol === 'fastcgi' ? import('../fastcgi-server.ts') : import('../http-server.ts'),
  import('../development/in-worker.ts'),
  import(appSource),
]);

// Not before: an app that requires what is being imported at that moment fails in Node 20. What it is told meanwhile waits in the port.
port.once('message', (data: ThreadData) => beginThread(data));
