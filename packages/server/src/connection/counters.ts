// connection/counters.ts: what the connections and the app calls of a thread tell about themselves, as it happens.
//
// Law: nobody here asks a counter, and none of them throws, waits or costs more than a few additions. Who counts, and who reads
// it, is the business of whoever made them (workers/scoreboard.ts).

/** Of the head of a request: what names it. The method is ASCII. */
export interface RequestName {
  readonly method: string;
  readonly target: string;
}

/** Times are those of the thread's clock: `performance.now()`, at most a tick old. */
export interface Counters {
  /** A connection is there; over TLS, after the handshake. */
  connected(): void;
  disconnected(): void;
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
  /** A connection speaks another protocol from here on. */
  handedOver(): void;
}

const ignore = (): void => undefined;

/** Where nobody reads them. */
export const NO_COUNTERS: Counters = Object.freeze({
  connected: ignore,
  disconnected: ignore,
  received: ignore,
  sent: ignore,
  called: ignore,
  returned: ignore,
  done: ignore,
  oldest: ignore,
  queued: ignore,
  answered: ignore,
  handedOver: ignore,
});
