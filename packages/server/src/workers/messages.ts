// workers/messages.ts: all that crosses the wall between the supervisor and a worker thread.

import type { ErrorRecord } from '@appserve/core';
import type { AppSource } from '@appserve/core/app';
import type { Level, LogRecord } from '../log.ts';
import type { FastcgiSettings, HttpSettings } from '../settings.ts';

/** What a worker is born with. */
export interface WorkerBirth {
  readonly name: string;
  readonly source: AppSource;
  /** Descriptors of listening sockets, each of them for this worker alone. */
  readonly descriptors: readonly number[];
  readonly settings: HttpSettings | FastcgiSettings;
  readonly workers: number;
  readonly software: string;
  readonly logLevel: Level;
  readonly asyncLogging: boolean;
  /** Where the worker counts; nowhere when left out. */
  readonly scoreboard?: { readonly memory: SharedArrayBuffer; readonly row: number; readonly beatEveryMs: number };
}

export type ToWorker =
  | { readonly type: 'drain'; readonly graceMs: number; readonly isPatient: boolean }
  | { readonly type: 'descriptor'; readonly listener: number; readonly descriptor: number };

export type FromWorker =
  /** That descriptor is the worker's own from here on: it closes it. */
  | { readonly type: 'adopted'; readonly descriptor: number }
  /** The worker accepts again from its n-th listener, and has given up the descriptor that it had. */
  | { readonly type: 'descriptor-wanted'; readonly listener: number }
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly error: ErrorRecord }
  /** An error that nobody caught; the worker ends. */
  | { readonly type: 'crashed'; readonly error: ErrorRecord }
  | { readonly type: 'log'; readonly record: LogRecord };
