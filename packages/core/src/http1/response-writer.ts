// http1/response-writer.ts: a response becomes bytes: its head, and a body framed so that the client can tell where it ends
// (RFC 9112 §6, §7.1; RFC 9110 §8.6, §15).
//
// Law: the length on the wire is the length of the body, in both directions. More is cut, less closes the connection.

import { fromLatin1, type Piece } from '../bytes.ts';
import { Fault } from '../faults.ts';
import { isBodyless, reasonPhrase } from '../message/status.ts';
import type { RequestHead } from '../message/request-head.ts';
import type { ResponseHead } from '../message/response-head.ts';
import { sameName, type Fields } from '../message/fields.ts';
import type { Output } from '../output.ts';

/** How the server speaks of itself. One object for all connections; the owner of the clock changes `dateLine`. */
export interface ResponseStyle {
  /** `Date: ...CRLF`, or empty. */
  dateLine: string;
  /** Via and Server lines, each with its CRLF, or empty. */
  readonly viaLine: string;
  readonly serverLine: string;
  /** Chunked coding where the app gave no length; else such a response ends with the connection. */
  readonly chunkedTransfer: boolean;
}

/** none: no content by RFC 9110 §6.4.1. close: ended by the end of the connection. */
type BodyFraming = 'none' | 'length' | 'chunked' | 'close';

export class ResponseWriter {
  readonly #style: ResponseStyle;
  readonly #output: Output;
  #framing: BodyFraming = 'none';
  #remaining = 0;
  #length = 0;
  #isTooLong = false;
  /** Date, Server and Via as one text, and the Date that it was made with: it is the same for a second. */
  #ownLines = '';
  #ownLinesDate: string | undefined;

  constructor(style: ResponseStyle, output: Output) {
    this.#style = style;
    this.#output = output;
  }

  /** Writes the head. `bodyLength`: how long the body will be, -1 when nobody knows. Gives whether the connection can be kept. */
  head(request: RequestHead, head: ResponseHead, bodyLength: number, keepAlive: boolean): boolean {
    const length = head.contentLength === -1 ? bodyLength : head.contentLength;
    const framing = framingOf(request, head.status, length, this.#style);
    const keeps = keepAlive && framing !== 'close' && !head.wantsClose;
    this.#framing = framing;
    this.#length = length;
    this.#remaining = length;
    this.#isTooLong = false;
    const framed = fieldLines(head) + framingLine(request, head, framing, length);
    const own = head.hasDate || head.hasServer ? this.#missingLines(head) : this.#commonLines();
    this.#output.text(`${statusLine(head)}${framed}${own}${connectionLine(request, head, keeps)}\r\n`);
    return keeps;
  }

  #commonLines(): string {
    const { dateLine, serverLine, viaLine } = this.#style;
    if (dateLine !== this.#ownLinesDate) {
      this.#ownLinesDate = dateLine;
      this.#ownLines = dateLine + serverLine + viaLine;
    }
    return this.#ownLines;
  }

  #missingLines({ hasDate, hasServer }: ResponseHead): string {
    const { dateLine, serverLine, viaLine } = this.#style;
    return (hasDate ? '' : dateLine) + (hasServer ? '' : serverLine) + viaLine;
  }

  /** Writes a piece of the body. A fault when the app gives more than it said: the rest is cut, the connection must close. */
  data(piece: Piece): Fault<'RESPONSE_TOO_LONG'> | undefined {
    const output = this.#output;
    const { length } = piece;
    switch (this.#framing) {
      case 'none':
        return undefined;
      case 'close':
        put(output, piece);
        return undefined;
      case 'chunked':
        if (length === 0) return undefined; // an empty chunk would be the last one
        output.text(`${length.toString(16)}\r\n`);
        put(output, piece);
        output.text('\r\n');
        return undefined;
      case 'length': {
        const fits = length <= this.#remaining;
        put(output, fits ? piece : cut(piece, this.#remaining));
        this.#remaining -= fits ? length : this.#remaining;
        if (fits || this.#isTooLong) return undefined;
        this.#isTooLong = true;
        return new Fault('RESPONSE_TOO_LONG', { length: this.#length });
      }
    }
  }

  /** Ends the body. A fault when it is shorter than the app said: the connection must close. */
  end(trailers: Fields): Fault<'RESPONSE_TOO_SHORT'> | undefined {
    if (this.#framing === 'length' && this.#remaining > 0) {
      return new Fault('RESPONSE_TOO_SHORT', { length: this.#length, sent: this.#length - this.#remaining });
    }
    if (this.#framing === 'chunked') {
      let text = '0\r\n';
      for (const [name, value] of trailers) text += `${name}: ${value}\r\n`;
      this.#output.text(`${text}\r\n`);
    }
    return undefined;
  }

  /** Whether further bytes would be sent: not to HEAD, nor with 204, 205 and 304, nor behind too many. */
  get takesMore(): boolean {
    return this.#framing !== 'none' && !this.#isTooLong;
  }
}

function put(output: Output, piece: Piece): void {
  if (typeof piece === 'string') output.text(piece);
  else output.bytes(piece);
}

function cut(piece: Piece, length: number): Piece {
  return typeof piece === 'string' ? piece.slice(0, length) : piece.subarray(0, length);
}

// Texts that answer after answer has: made again they would be most of the strings of a response.
let lastStatus = 0;
let lastReason = '';
let lastStatusLine = '';

function statusLine({ status, reason }: ResponseHead): string {
  if (status !== lastStatus || reason !== lastReason) {
    lastStatus = status;
    lastReason = reason;
    lastStatusLine = `HTTP/1.1 ${status} ${reason}\r\n`;
  }
  return lastStatusLine;
}

const LENGTH_LINES = 4_096;
const lengthLines: string[] = Array.from({ length: LENGTH_LINES }, () => '');

function lengthLine(length: number): string {
  if (length >= LENGTH_LINES) return `Content-Length: ${length}\r\n`;
  const known = lengthLines[length]!;
  return known === '' ? (lengthLines[length] = `Content-Length: ${length}\r\n`) : known;
}

function framingOf(request: RequestHead, status: number, length: number, style: ResponseStyle): BodyFraming {
  if (request.method === 'HEAD' || isBodyless(status) || status === 205) return 'none';
  if (length !== -1) return 'length';
  return style.chunkedTransfer && request.version !== 'HTTP/1.0' ? 'chunked' : 'close';
}

function connectionLine(request: RequestHead, { upgrade }: ResponseHead, keeps: boolean): string {
  // RFC 9110 §7.8: Upgrade is for this connection only, and must be named as such.
  const own = upgrade === undefined ? '' : ', upgrade';
  if (!keeps) return `Connection: close${own}\r\n`;
  if (request.version === 'HTTP/1.0') return `Connection: keep-alive${own}\r\n`;
  return own === '' ? '' : 'Connection: upgrade\r\n';
}

function fieldLines({ status, contentLength, lines, flat }: ResponseHead): string {
  // RFC 9110 §8.6: no Content-Length with 204. The app's own would be a lie in a 205, which has no content (§15.3.6).
  if (contentLength === -1 || (status !== 204 && status !== 205)) return lines;
  let text = '';
  for (let at = 0; at < flat.length; at += 2) {
    if (!sameName(flat[at]!, 'content-length')) text += `${flat[at]!}: ${flat[at + 1]!}\r\n`;
  }
  return text;
}

/** What we add so that the body's end is known. The app's own Content-Length stands among its fields already. */
function framingLine(request: RequestHead, head: ResponseHead, framing: BodyFraming, length: number): string {
  if (framing === 'chunked') return 'Transfer-Encoding: chunked\r\n';
  if (head.status === 205) return 'Content-Length: 0\r\n';
  if (head.contentLength !== -1) return '';
  if (framing === 'length') return lengthLine(length);
  // HEAD: an app that gives its whole body lets us say how long it is; no body at all says nothing about GET's.
  return request.method === 'HEAD' && length > 0 && !isBodyless(head.status) ? `Content-Length: ${length}\r\n` : '';
}

/** The whole answer to a request that is refused: a small text, Date, and the end of the connection. Gives the bytes of its body. */
export function writeRefusal(fault: Fault, isHead: boolean, style: ResponseStyle, output: Output): number {
  const { status } = fault;
  const reason = reasonPhrase(status);
  // The client is told what it did wrong, not what our app did. Of its own bytes only printable ASCII comes back.
  const detail = fault.blame === 'peer' ? `${fault.message.replaceAll(/[^\x20-\x7e]/g, '?')}\n` : '';
  const body = fromLatin1(`${status} ${reason}\n${detail}`);
  let text = `HTTP/1.1 ${status} ${reason}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${body.length}\r\n`;
  // 405 must name what is allowed (RFC 9110 §15.5.6): everything but CONNECT is the app's to judge.
  if (status === 405) text += 'Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n';
  if (status === 503) text += 'Retry-After: 1\r\n';
  output.text(`${text}${style.dateLine}${style.serverLine}${style.viaLine}Connection: close\r\n\r\n`);
  if (isHead) return 0;
  output.bytes(body);
  return body.length;
}

/** 100 Continue and 103 Early Hints. `flat` has been checked. */
export function writeInformational(status: number, flat: readonly string[], output: Output): void {
  let text = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`;
  for (let at = 0; at < flat.length; at += 2) text += `${flat[at]!}: ${flat[at + 1]!}\r\n`;
  output.text(`${text}\r\n`);
}
