// workers/hand.ts: one worker in the supervisor's hand: what carries it, and its row of the scoreboard.

import { fromErrorRecord } from '@appserve/core';
import type { DevelopmentNews } from '../development/news.ts';
import type { LogSource } from '../logging/log-service.ts';
import { startInline } from './carriers/inline.ts';
import { startProcess } from './carriers/process.ts';
import { startThread } from './carriers/thread.ts';
import type { Berth, Carrier, Offered, Start, WorkerClass } from './carriers/carrier.ts';
import type { News, WorkerBirth } from './messages.ts';
import type { Offer, OfferedHandle } from './offer.ts';
import type { Row, Scoreboard } from './scoreboard.ts';

/** What a worker tells. */
export interface HandEvents {
  ready(): void;
  failed(error: Error): void;
  /** `error`: what nobody caught, when it was that. `answered`: how many requests, where that is known. */
  exited(code: number, error: Error | undefined, answered: number | undefined): void;
  /** It is behind with the connections that it was offered, and has come to one. */
  late(): void;
  development(news: DevelopmentNews): void;
  /** No descriptor could be had for it; that is tried again until there is one, and not told again. */
  short(error: unknown): void;
}

const CARRIERS: { readonly [C in WorkerClass]: Start } = {
  thread: startThread,
  process: startProcess,
  inline: startInline,
};

export class Hand {
  readonly name: string;
  /** Nothing when all are taken: then nobody watches it. */
  readonly row: Row | undefined;
  readonly #carrier: Carrier;
  readonly #events: HandEvents;
  readonly #log: LogSource;
  readonly #leave: () => void;
  #error: Error | undefined;

  /** Throws when there is no descriptor, thread or process to be had. */
  constructor(
    workerClass: WorkerClass,
    { birth, ...berth }: Omit<Berth, 'birth'> & { readonly birth: Omit<WorkerBirth, 'row'> },
    board: Scoreboard,
    events: HandEvents,
  ) {
    this.#events = events;
    this.name = birth.name;
    this.#log = berth.log;
    const claimed = board.claim();
    this.row = claimed === undefined ? undefined : board.row(claimed);
    this.#leave = () => {
      if (claimed !== undefined) board.release(claimed);
      // What it has said is there, however it has ended.
      this.#log.end();
    };
    try {
      this.#carrier = CARRIERS[workerClass](
        { ...berth, birth: { ...birth, row: claimed } },
        {
          tells: (news) => this.#hear(news),
          broke: (error) => (this.#error = error),
          ended: (code) => this.#ended(code),
          short: (error) => events.short(error),
        },
      );
    } catch (error) {
      this.#leave();
      throw error;
    }
    const { threadId = 0, pid } = this.#carrier;
    this.#log.begin({ thread: birth.name, threadId, pid, startMs: birth.log.startMs });
  }

  get threadId(): number | undefined {
    return this.#carrier.threadId;
  }

  accept(): void {
    this.#carrier.accept();
  }

  forewarn(): void {
    this.#carrier.forewarn();
  }

  drain(graceMs: number, isPatient: boolean, isLast: boolean): void {
    this.#carrier.drain(graceMs, isPatient, isLast);
  }

  setLevel(logger: string, level: number): void {
    this.#carrier.setLevel(logger, level);
  }

  renewTickets(keys: Uint8Array): void {
    this.#carrier.renewTickets(keys);
  }

  terminate(): void {
    this.#carrier.terminate();
  }

  /** Throws when there is no descriptor to be had. */
  offer(offer: Omit<Offer, 'type' | 'descriptor'>, handle: OfferedHandle): Offered {
    return this.#carrier.offer(offer, handle);
  }

  #hear(news: News): void {
    switch (news.type) {
      case 'ready':
        this.#events.ready();
        return;
      case 'crashed':
        this.#error = fromErrorRecord(news.error);
        return;
      case 'failed':
        this.#error = fromErrorRecord(news.error);
        this.#events.failed(this.#error);
        return;
      case 'late':
        this.#events.late();
        return;
      case 'development':
        this.#events.development(news.news);
        return;
      case 'log':
        this.#log.move();
    }
  }

  #ended(code: number): void {
    const answered = this.row?.read().answered;
    this.#leave();
    this.#events.exited(code, this.#error, answered);
  }
}
