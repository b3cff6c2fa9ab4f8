// exchange/exchange.ts: the waist. One request and its one response; protocols open it, app contracts answer it.
//
// Law: this is all that an app contract knows of a protocol, and all that a protocol knows of an app.

import type { Duplex } from 'node:stream';
import type { Piece } from '../bytes.ts';
import type { CgiVariable } from '../message/cgi-variable.ts';
import type { Fields } from '../message/fields.ts';
import type { RequestHead } from '../message/request-head.ts';
import type { ResponseHead } from '../message/response-head.ts';
import type { Acceptance } from '../websocket/hooks.ts';
import type { RequestBody } from './body.ts';
import type { TlsFacts } from './tls-facts.ts';

/** A name for environs and URLs. */
export interface Called {
  /** Left out: the local address is its name. */
  readonly name?: string | undefined;
  /** Left out: the local port. */
  readonly port?: string | undefined;
}

/** What is known of the two ends of a connection. One object for all requests of a connection; behind a web server, one for each. */
export interface ConnectionFacts {
  readonly scheme: 'http' | 'https';
  /** Empty for a unix socket; `unknown` for a client on TCP that had gone when it was first asked for. */
  readonly remoteAddress: string;
  readonly remotePort: string;
  /** The local end of a TCP connection, or the path of a unix socket with an empty port. */
  readonly localAddress: string;
  readonly localPort: string;
  /** What clients call the server, where that is not its address: somebody has said so. */
  readonly called?: Called | undefined;
  /** What a handshake with this client has settled. Nothing in clear, and where somebody else has had the handshake: a web server. */
  readonly tls?: TlsFacts | undefined;
  /**
   * The transport itself, where it belongs to this client alone. For apps that ask it what is not said here; HTTP on it is the server's,
   * until `takeOver`.
   */
  readonly socket?: Duplex | undefined;
}

/** A connection that speaks another protocol from here on. */
export interface TakenConnection {
  readonly socket: Duplex;
  /** What the client has sent of the new protocol already: read it before the socket. */
  readonly unread: Uint8Array;
  /**
   * What to do when the server stops, once: to say goodbye in the words of the new protocol. Whoever says nothing is waited for, and
   * cut when `graceful_timeout` is over. Called at once where the server is stopping already.
   */
  onDrain(goodbye: () => void): void;
  /** Answers with 101, and speaks WebSocket from here on; whoever calls it leaves the socket alone. */
  openWebSocket(acceptance: Acceptance, fields: Fields): void | Promise<void>;
}

/** What a request is of, behind a web server: FastCGI has all of it, HTTP none. */
export interface CgiFacts {
  /** responder: answers. authorizer: allows, or answers itself. filter: answers with a file, which is `data` (FastCGI 1.0 §6). */
  readonly role: 'responder' | 'authorizer' | 'filter';
  /** The CGI variables that the web server has sent. A name may stand more than once. */
  readonly variables: readonly CgiVariable[];
  /** The file of a filter; empty for the others. */
  readonly data: RequestBody;
  /**
   * A word for the log of the web server. False: it is too late, the exchange is over. Who does not wait for `drained()` when the web
   * server is slow loses what he says then.
   */
  complain(text: string): boolean;
  /** What the exit() of a CGI program would have said; told at the end. */
  exitStatus: number;
}

export interface Exchange {
  readonly head: RequestHead;
  readonly body: RequestBody;
  readonly connection: ConnectionFacts;
  /** Behind a web server that speaks CGI's words; else not there. */
  readonly cgi?: CgiFacts | undefined;
  /** Of a request that came through gateway filters: their environ, with what they have put there. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  /** What it is called in logs: X-Request-Id where the client has sent a sane one, else ours. Made when it is first asked for. */
  readonly requestId: string;
  /** Aborts when the client has gone before the response was complete. Made when it is first asked for. */
  readonly signal: AbortSignal;
  /**
   * Calls `listener` when the client goes, or the answer is refused or broken off, before it is complete; at once if that has
   * happened. What `signal` tells, for a tenth of its price.
   */
  whenGone(listener: () => void): void;
  /** The client has gone, or the response is complete: what is written now is dropped. */
  readonly isOver: boolean;
  /** The head of the response is on its way; a failure can no longer become a 500. */
  readonly isHeadSent: boolean;

  /** The whole response at once, its length known. The exchange is over. Faults: RESPONSE_OUT_OF_TURN. */
  send(head: ResponseHead, pieces: readonly Piece[]): void;
  /** The head of a response whose body follows. It goes out with the first piece. `bodyLength`: -1 when nobody knows. */
  respond(head: ResponseHead, bodyLength?: number): void;
  /** A piece of the body, sent at once and given away. False: the client is slow, wait for `drained()` before the next. */
  write(piece: Piece): boolean;
  /** Resolves when the client has kept up, or has gone. */
  drained(): Promise<void>;
  /**
   * Whether a piece of 64 KiB or more is only lent, so that its bytes may be used again when `write` gave true, or when `drained()` has
   * resolved and the client is still there. A socket is done with them then; what stands between two contracts may hold them for ever.
   */
  readonly givesBack: boolean;
  /** Whether bytes are of any use: not to HEAD, nor with 204, 205 and 304, nor behind Content-Length. Known once the head is sent. */
  readonly wantsBody: boolean;
  /** The end of the response. Trailers go out with a chunked body only. Faults: RESPONSE_FIELD_INVALID. */
  end(trailers?: Fields): void;
  /** An informational response, such as 103 Early Hints, before the head. Faults: RESPONSE_FIELD_INVALID. */
  inform(status: number, flat: readonly string[]): void;
  /**
   * Ends HTTP on this connection, for an upgrade or CONNECT: the caller writes the 101 or 200 himself. The exchange is over.
   * Faults: RESPONSE_OUT_OF_TURN when the answer has begun, or the request's body is not read to its end.
   */
  takeOver(): TakenConnection;
  /** Where filters of another contract stand around the app: a WebSocket whose 101 goes through them. `flat`: fields of the app. */
  readonly openThrough?: ((acceptance: Acceptance, flat: readonly string[]) => void) | undefined;
  /** Not one byte more: the client sees its connection cut. Nothing is logged, and nothing happens when the exchange is over. */
  abort(): void;
  /** The app failed: 500 if nothing was sent yet, a cut connection otherwise. Logged once, here. */
  fail(error: unknown): void;
}

/** What a server calls for each request. It answers the exchange; what it throws ends in `exchange.fail`. */
export type Handler = (exchange: Exchange) => void | Promise<void>;
