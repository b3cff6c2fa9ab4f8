// workers/messages.ts: all that crosses the wall between the supervisor and a worker.

import type { MessagePort } from 'node:worker_threads';
import type { ErrorRecord } from '@appserve/core';
import type { AppSource } from '@appserve/core/app';
import type { DevelopmentNews, WorkingRole } from '../development/news.ts';
import type { LogBirth } from '../logging/worker-log.ts';
import type { FastcgiSettings, HttpSettings } from '../settings.ts';
import type { Offer } from './offer.ts';

/** What a worker is born with, whatever it is. */
export interface WorkerBirth {
  readonly name: string;
  readonly source: AppSource;
  /** How many sockets it accepts from by itself: none, when it is given connections. */
  readonly listeners: number;
  readonly settings: HttpSettings | FastcgiSettings;
  readonly workers: number;
  readonly software: string;
  readonly log: LogBirth;
  /** Its row of the scoreboard; nothing when all are taken. */
  readonly row: number | undefined;
  readonly beatEveryMs: number;
  /** Somebody wants to know how long requests take. */
  readonly isTimed: boolean;
  /** Where development is going on: it tells what it reads. */
  readonly development: WorkingRole | undefined;
}

export type ToWorker =
  | { readonly type: 'accept' }
  /** The server shall stop soon: answers say that their connection ends. */
  | { readonly type: 'forewarn' }
  /** Last: nobody else takes those who wait to be accepted. */
  | { readonly type: 'drain'; readonly graceMs: number; readonly isPatient: boolean; readonly isLast: boolean }
  | { readonly type: 'level'; readonly logger: string; readonly level: number }
  /** Keys of session tickets, in the place of those before. */
  | { readonly type: 'tickets'; readonly keys: Uint8Array }
  | Offer
  /** To a thread that has asked for one. */
  | { readonly type: 'descriptor'; readonly listener: number; readonly descriptor: number };

/** Of the life of a worker. */
export type News =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly error: ErrorRecord }
  /** An error that nobody caught; the worker ends. */
  | { readonly type: 'crashed'; readonly error: ErrorRecord }
  /** From a process: there is something in its rings. */
  | { readonly type: 'log' }
  /** It came to a connection that had been taken back: it is slow, but it lives. */
  | { readonly type: 'late' }
  | { readonly type: 'development'; readonly news: DevelopmentNews };

/** What only a thread tells, and only who has started it understands. */
export type FromThread =
  /** That descriptor is the worker's own from here on: it closes it. */
  | { readonly type: 'adopted'; readonly descriptor: number }
  /** By that port another thread tells what it reads for the worker: `Read[]`. */
  | { readonly type: 'reader'; readonly port: MessagePort }
  /** The thread accepts again from its n-th listener, and has given up the descriptor that it had. */
  | { readonly type: 'descriptor-wanted'; readonly listener: number };

export type FromWorker = News | FromThread;

const OF_THREADS: ReadonlySet<string> = new Set<FromThread['type']>(['adopted', 'reader', 'descriptor-wanted']);

export function isNews(message: FromWorker): message is News {
  return !OF_THREADS.has(message.type);
}
