// websocket/protocol.ts: the only room that knows ws: from a connection that was taken over to a WebSocket.
//
// ws is loaded when the first client asks for one (19 ms, 2 MB); workers without WebSockets do without. Its own handshake is told what
// ours has checked already: it answers with 101, hashes the key (RFC 6455 §4.2.2) and agrees on permessage-deflate.

import type { IncomingMessage } from 'node:http';
import type { TakenConnection } from '@appserve/core/exchange';
import type { Fields } from '@appserve/core/message';
import type { Acceptance } from '@appserve/core/websocket';
import type * as ws from 'ws';
import type { WebSocket, WebSocketServer } from 'ws';

export type { WebSocket } from 'ws';

type Ws = Pick<typeof ws, 'WebSocket' | 'WebSocketServer'>;

let loading: Promise<Ws> | undefined;

export function loadWs(): Promise<Ws> {
  loading ??= import('ws').then(({ WebSocket, WebSocketServer }) => ({ WebSocket: telling(WebSocket), WebSocketServer }));
  return loading;
}

/** Emits `closing` when either side has said Close: ws calls its own `close()` to answer one. */
function telling(Base: Ws['WebSocket']): Ws['WebSocket'] {
  return class extends Base {
    override close(code?: number, reason?: string | Buffer): void {
      super.close(code, reason);
      this.emit('closing');
    }
  };
}

/** The timer of ws, which knows nothing of what still flows; the longest that there is, since the keeper looks after that. */
const CLOSE_TIMEOUT_MS = 2 ** 31 - 1;
/**
 * A message may come in fragments of so many bytes on average, and in 1,024 whatever they hold: each costs memory beside its bytes.
 * (The conformance tests of the protocol send 4 MiB in fragments of 64 bytes.)
 */
const FRAGMENT_BYTES = 64;
const FRAGMENTS = 1_024;

/** Where ws keeps what it has read of a frame; undocumented. */
interface Reading {
  readonly _receiver?: { readonly _buffers?: Buffer[] };
}

/** What ws reads of a request. */
interface Asked {
  readonly method: 'GET';
  readonly headers: Readonly<Record<string, string>>;
  readonly fields: Fields;
  readonly protocol: string | undefined;
}

/** The endpoints of one thread that agree on how large a message may be, and on compression. */
export class Protocol {
  readonly #server: WebSocketServer;

  constructor({ WebSocket, WebSocketServer }: Ws, maxMessageBytes: number, isCompressed: boolean) {
    const options = {
      WebSocket,
      noServer: true,
      clientTracking: false,
      maxPayload: maxMessageBytes,
      maxFragments: Math.max(FRAGMENTS, Math.ceil(maxMessageBytes / FRAGMENT_BYTES)),
      closeTimeout: CLOSE_TIMEOUT_MS,
      // That of ws cuts who sends 61 pings at once, since none of their answers counts as written before the turn is over.
      autoPong: false,
      perMessageDeflate: isCompressed && { threshold: 0 },
      handleProtocols: (_offered: Set<string>, request: IncomingMessage) => asked(request).protocol ?? false,
    };
    this.#server = new WebSocketServer(options);
    this.#server.on('headers', (lines, request) => {
      for (const [name, value] of asked(request).fields) lines.push(`${name}: ${value}`);
    });
  }

  /** Answers with 101. Gives nothing where the client has gone by now. */
  accept({ socket, unread }: TakenConnection, { handshake, protocol }: Acceptance, fields: Fields): WebSocket | undefined {
    const headers: Record<string, string> = {
      upgrade: 'websocket',
      'sec-websocket-key': handshake.key,
      'sec-websocket-version': '13',
    };
    if (handshake.protocols.length > 0) headers['sec-websocket-protocol'] = handshake.protocols.join();
    if (handshake.deflate !== '') headers['sec-websocket-extensions'] = handshake.deflate;
    const request: Asked = { method: 'GET', headers, fields, protocol };
    let opened: WebSocket | undefined;
    // ws does not say how its head is to be encoded; those of all other answers are latin1, a char for each byte.
    socket.setDefaultEncoding('latin1');
    // ws reads these four of a request, and calls back at once, since it asks nobody else.
    this.#server.handleUpgrade(request as unknown as IncomingMessage, socket, Buffer.from(unread), (webSocket) => {
      opened = webSocket;
    });
    socket.setDefaultEncoding('utf8');
    return opened;
  }
}

/** What has come of a frame that is not whole yet. */
export function chunksOf(webSocket: WebSocket): Buffer[] {
  return (webSocket as unknown as Reading)._receiver?._buffers ?? [];
}

function asked(request: IncomingMessage): Asked {
  return request as unknown as Asked;
}
