// workers/thread-worker.ts: where a worker that is a thread begins.

import { workerData } from 'node:worker_threads';
import { beginThread, type ThreadData } from './thread-begin.ts';

beginThread(workerData as ThreadData);
