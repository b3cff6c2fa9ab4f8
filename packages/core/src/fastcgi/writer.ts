// fastcgi/writer.ts: an answer becomes records: STDOUT with a CGI response, STDERR, FCGI_END_REQUEST (FastCGI 1.0 §5.3, §5.5, §6.2).
//
// Law: the head goes out in the record of the first bytes, so a small answer is one text; the length that is announced is the length
// that is sent.

import { Buffer } from 'node:buffer';
import { latin1 } from '../bytes.ts';
import { Fault } from '../faults.ts';
import { cgiHead, hasContent } from '../message/cgi-response.ts';
import type { ResponseHead } from '../message/response-head.ts';
import type { Output } from '../output.ts';
import {
  CONTENT_BYTES_MAX,
  endOfStream,
  endRequest,
  paddingFor,
  record,
  recordHeader,
  TYPE,
  type ProtocolStatus,
} from './records.ts';
import type { FastcgiRequest } from './request.ts';

/** The head waits for what follows. `bodyLength`: how long the body will be, -1 when nobody knows. */
export function writeHead(request: FastcgiRequest, head: ResponseHead, bodyLength: number): void {
  const { method } = request.head!;
  request.pendingHead = cgiHead(method, head, bodyLength);
  request.hasContent = hasContent(method, head.status);
  request.contentLength = head.contentLength === -1 ? bodyLength : head.contentLength;
  request.remaining = request.contentLength;
}

/** A piece of the body. A fault when the app gives more than it said: the rest is cut. */
export function writeData(request: FastcgiRequest, bytes: Uint8Array, output: Output): Fault<'RESPONSE_TOO_LONG'> | undefined {
  if (!request.hasContent) {
    writeStdout(request, EMPTY, output);
    return undefined;
  }
  const { remaining } = request;
  if (remaining === -1) {
    writeStdout(request, bytes, output);
    return undefined;
  }
  const fits = bytes.length <= remaining;
  writeStdout(request, fits ? bytes : bytes.subarray(0, remaining), output);
  request.remaining -= fits ? bytes.length : remaining;
  if (fits || request.isTooLong) return undefined;
  request.isTooLong = true;
  return new Fault('RESPONSE_TOO_LONG', { length: request.contentLength });
}

/** A fault when the body is shorter than the app said. */
export function shortfall({
  hasContent: isWanted,
  remaining,
  contentLength,
}: FastcgiRequest): Fault<'RESPONSE_TOO_SHORT'> | undefined {
  if (!isWanted || remaining <= 0) return undefined;
  return new Fault('RESPONSE_TOO_SHORT', { length: contentLength, sent: contentLength - remaining });
}

const EMPTY = new Uint8Array(0);

/** What waits of the head, and bytes behind it. An empty record would be the end of the stream. */
function writeStdout(request: FastcgiRequest, bytes: Uint8Array, output: Output): void {
  const { id } = request;
  let text = request.pendingHead;
  request.pendingHead = '';
  while (text.length > CONTENT_BYTES_MAX) {
    output.text(record(TYPE.stdout, id, text.slice(0, CONTENT_BYTES_MAX)));
    text = text.slice(CONTENT_BYTES_MAX);
  }
  let from = 0;
  while (text.length > 0 || from < bytes.length) {
    const to = Math.min(bytes.length, from + CONTENT_BYTES_MAX - text.length);
    const length = text.length + to - from;
    output.text(recordHeader(TYPE.stdout, id, length) + text);
    output.bytes(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
    output.text(paddingFor(length));
    text = '';
    from = to;
  }
}

/** A word for the web server's log: STDERR, in UTF-8. */
export function writeStderr(request: FastcgiRequest, text: string, output: Output): void {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > 0) request.hasStderr = true;
  for (let from = 0; from < bytes.length; from += CONTENT_BYTES_MAX)
    output.text(record(TYPE.stderr, request.id, latin1(bytes, from, Math.min(bytes.length, from + CONTENT_BYTES_MAX))));
}

/** Text of a whole answer: a refusal. */
export function writeText(request: FastcgiRequest, text: string, output: Output): void {
  request.pendingHead = text;
  writeStdout(request, EMPTY, output);
}

let lastEndId = 0;
let lastEnd = '';

/** The ends of the streams, and FCGI_END_REQUEST. */
export function writeEnd(request: FastcgiRequest, status: ProtocolStatus, output: Output): void {
  const { id, exitStatus, hasStderr } = request;
  if (request.pendingHead !== '') writeStdout(request, EMPTY, output);
  if (exitStatus !== 0 || hasStderr || status !== 'requestComplete') {
    const stderr = hasStderr ? endOfStream(TYPE.stderr, id) : '';
    output.text(`${endOfStream(TYPE.stdout, id)}${stderr}${endRequest(id, exitStatus, status)}`);
    return;
  }
  if (id !== lastEndId) {
    lastEndId = id;
    lastEnd = endOfStream(TYPE.stdout, id) + endRequest(id, 0, 'requestComplete');
  }
  output.text(lastEnd);
}
