// connection/request-channels.ts: what becomes of requests, told to whoever listens in this thread: node:diagnostics_channel, which is
// how OpenTelemetry and other agents hook in.
//
// Law: where nobody listens, nothing is made. The names and what is told are an interface: docs/guide/observability.md has them.

import { channel } from 'node:diagnostics_channel';
import type { ConnectionFacts, Exchange } from '@appserve/core/exchange';
import { traceContextOf, type RequestHead, type TraceContext } from '@appserve/core/message';

/** The app is about to be called: stores that are bound to it (`bindStore`) are what the app runs in. */
const START = channel('appserve.request.start');
/** The answer is complete, or will never be. */
const END = channel('appserve.request.end');
/** The app has failed; the end follows. */
const ERROR = channel('appserve.request.error');

/** What is told: one object for a request, from its start to its end. */
export class RequestStory {
  readonly request: RequestHead;
  readonly connection: ConnectionFacts;
  /** How long it waited for a place. */
  waitedMs = 0;
  /** Of the answer; 0 before it, or where the client had gone. */
  status = 0;
  /** What the app threw. */
  error: unknown;
  /** From its head to the end of the answer. */
  durationMs = 0;
  readonly #sinceMs = performance.now();
  #isStarted = false;

  constructor({ head, connection }: Exchange) {
    this.request = head;
    this.connection = connection;
  }

  /** What the client said of the trace that this request is part of. */
  get traceContext(): TraceContext | undefined {
    return traceContextOf(this.request.fields);
  }

  run<T>(call: () => T): T {
    this.waitedMs = performance.now() - this.#sinceMs;
    this.#isStarted = true;
    return START.runStores(this, call);
  }

  failed(error: unknown): void {
    this.error = error;
    ERROR.publish(this);
  }

  /** Of one whose client left the queue nothing was told. */
  end(status: number): void {
    if (!this.#isStarted) return;
    this.status = status;
    this.durationMs = performance.now() - this.#sinceMs;
    END.publish(this);
  }
}

/** Of a request that somebody wants to hear of. */
export function storyOf(exchange: Exchange): RequestStory | undefined {
  return START.hasSubscribers || END.hasSubscribers || ERROR.hasSubscribers ? new RequestStory(exchange) : undefined;
}
