// connection/shared-facts.ts: the two ends of a connection on which many requests stand. Its socket is given to none of them: what one
// does to it, it would do to all.

import type { Called, ConnectionFacts, TlsFacts } from '@appserve/core/exchange';

export class SharedFacts implements ConnectionFacts {
  readonly scheme: 'http' | 'https';
  readonly called: Called | undefined;
  readonly #facts: ConnectionFacts;

  constructor(facts: ConnectionFacts) {
    this.scheme = facts.scheme;
    this.called = facts.called;
    this.#facts = facts;
  }

  get tls(): TlsFacts | undefined {
    return this.#facts.tls;
  }

  get remoteAddress(): string {
    return this.#facts.remoteAddress;
  }

  get remotePort(): string {
    return this.#facts.remotePort;
  }

  get localAddress(): string {
    return this.#facts.localAddress;
  }

  get localPort(): string {
    return this.#facts.localPort;
  }
}
