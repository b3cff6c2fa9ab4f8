// connection/cgi-peer.ts: the two ends of the connection between a web server and its client, as the web server tells them. Of its
// own connection to us nobody wants to know.

import type { ConnectionFacts } from '@appserve/core/exchange';
import type { CgiHead } from '@appserve/core/message';

export class CgiPeer implements ConnectionFacts {
  readonly #head: CgiHead;

  constructor(head: CgiHead) {
    this.#head = head;
  }

  get scheme(): 'http' | 'https' {
    return this.#head.scheme;
  }

  get remoteAddress(): string {
    return this.#head.get('REMOTE_ADDR') ?? '';
  }

  get remotePort(): string {
    return this.#head.get('REMOTE_PORT') ?? '';
  }

  get localAddress(): string {
    return this.#head.get('SERVER_ADDR') ?? this.#head.get('SERVER_NAME') ?? '';
  }

  get localPort(): string {
    return this.#head.get('SERVER_PORT') ?? '';
  }
}
