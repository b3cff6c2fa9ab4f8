// connection/counters.ts: what the connections and the app calls of a thread tell about themselves, as it happens.
//
// Law: nobody here asks a counter, and none of them throws, waits or costs more than a few additions. Who counts, and who reads
// it, is the business of whoever made them (workers/scoreboard.ts).

/** Of the head of a request: what names it. The method is ASCII. */
export interface RequestName {
  readonly method: string;
  readonly target: string;
}

export type Refused = 'address' | 'header';

/** Times are those of the thread's clock: `performance.now()`, at most a tick old where nothing else is said. */
export interface Counters {
  /** Whether `waited` and `finished` are wanted: they need times that are exact, which cost a look at the clock for each request. */
  readonly isTimed: boolean;
  /** So many sockets of clients are open now, with those that are in their handshake, or have not said what they speak. */
  open(connections: number): void;
  /** A connection is there; over TLS, after the handshake. */
  connected(): void;
  disconnected(): void;
  /** One was closed before its first request, without an answer: nobody is to come from there, or its PROXY header is none. */
  refused(what: Refused): void;
  /** Bytes that a client sent, and bytes for it that the socket was given; over TLS, without what TLS adds. */
  received(bytes: number): void;
  sent(bytes: number): void;
  /** The app is called, and its function runs until `returned`; the call goes on until `done`. */
  called(request: RequestName, atMs: number): void;
  returned(): void;
  done(): void;
  /** Which of the calls that have returned a promise, and not answered, is the oldest now; nothing when there is none. */
  oldest(request: RequestName | undefined, atMs: number): void;
  /** So many requests wait for a place. */
  queued(length: number): void;
  /** The head of a final answer is on its way: an app's, or a refusal of ours. */
  answered(status: number): void;
  /** A connection speaks another protocol from here on; and one that does has gone. */
  handedOver(): void;
  handedOverClosed(): void;
  /** A connection has a request under way, where it had none; and has none any more. */
  busy(): void;
  rested(): void;
  /** A request waits no longer for a place: the app is called, or its client has gone. */
  waited(waitedMs: number): void;
  /** A request is over: from its head to the end of its answer. Status 0: no answer was begun. `nowMs` is exact. */
  finished(request: RequestName, status: number, waitedMs: number, tookMs: number, nowMs: number): void;
}

const ignore = (): void => undefined;

/** Where nobody reads them. */
export const NO_COUNTERS: Counters = Object.freeze({
  isTimed: false,
  open: ignore,
  connected: ignore,
  disconnected: ignore,
  refused: ignore,
  received: ignore,
  sent: ignore,
  called: ignore,
  returned: ignore,
  done: ignore,
  oldest: ignore,
  queued: ignore,
  answered: ignore,
  handedOver: ignore,
  handedOverClosed: ignore,
  busy: ignore,
  rested: ignore,
  waited: ignore,
  finished: ignore,
});
