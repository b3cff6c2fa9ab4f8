// connection.js: a WebSocket that comes back when it has gone.
//
// Law: there is one socket or one wait for the next, never two of them.

import { waitMs } from './backoff.js';

/** A server that has not answered by then is given up, and asked again. */
const PATIENCE_MS = 10_000;
/** A connection that has held so long was a good one: the waits begin anew. */
const STEADY_MS = 5_000;

export class Connection {
  #address;
  #hooks;
  #socket;
  #timer;
  #failed = 0;

  /**
   * `heard(text)` is called with each message; `changed(state)` with what the connection is now: `connecting`, `open`, or `waiting` for
   * `waitMs` after a close with `code` (RFC 6455 §7.4). `failed` tries have been in vain.
   */
  constructor(address, hooks) {
    this.#address = address;
    this.#hooks = hooks;
    this.#connect();
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  send(text) {
    this.#socket.send(text);
  }

  /** Waits no longer. */
  tryNow() {
    if (this.#socket !== undefined) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  #connect() {
    const socket = new WebSocket(this.#address);
    let openedMs;
    this.#socket = socket;
    this.#timer = setTimeout(() => socket.close(), PATIENCE_MS);
    socket.addEventListener('open', () => {
      clearTimeout(this.#timer);
      openedMs = performance.now();
      this.#hooks.changed({ is: 'open', failed: this.#failed });
    });
    socket.addEventListener('message', ({ data }) => this.#hooks.heard(data));
    // Nobody listens for 'error': it says nothing, and 'close' follows.
    socket.addEventListener('close', ({ code }) => {
      if (openedMs !== undefined && performance.now() - openedMs >= STEADY_MS) this.#failed = 0;
      this.#wait(code);
    });
    this.#hooks.changed({ is: 'connecting', failed: this.#failed });
  }

  #wait(code) {
    clearTimeout(this.#timer);
    const ms = waitMs(this.#failed, Math.random());
    this.#failed += 1;
    this.#socket = undefined;
    this.#timer = setTimeout(() => this.#connect(), ms);
    this.#hooks.changed({ is: 'waiting', failed: this.#failed, waitMs: ms, code });
  }
}
