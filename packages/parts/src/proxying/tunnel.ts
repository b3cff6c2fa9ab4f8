// proxying/tunnel.ts: a client that asks for another protocol, such as WebSocket, is given a connection of the other server's.
//
// Law: the connection belongs to this file: whatever happens, both ends are closed.

import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { reasonPhrase } from '@appserve/core/message';
import { endToEnd } from '../hop-by-hop.ts';
import type { Forwarding } from './forwarding.ts';

/** As long as the server hears out whom it has refused. */
const LINGER_MS = 2_000;

/** Silence is no sign of an end here: from then on the kernel asks whether the other side is still there. */
const PROBE_AFTER_MS = 60_000;

export interface TunnelSettings {
  readonly address: string;
  readonly timeoutMs: number;
  readonly responseHeadLimitBytes: number;
  /** None: all are. */
  readonly allowed: readonly string[];
}

/** Another protocol than WebSocket is not passed on: such a request is answered in HTTP, as RFC 9110 §7.8 lets a server do. */
export function tunnel(
  forwarding: Forwarding,
  { address, timeoutMs, allowed, responseHeadLimitBytes }: TunnelSettings,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  socket.on('error', () => socket.destroy());
  const { method = 'GET' } = request;
  if (allowed.length > 0 && !allowed.includes(method)) return refuse(socket, 405, [`Allow: ${allowed.join(', ')}`]);
  const path = forwarding.path(request);
  if (path === undefined) return refuse(socket, 400);
  const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket';
  const fields = [...forwarding.fields(request), ...(isWebSocket ? ['connection', 'Upgrade', 'upgrade', 'websocket'] : [])];
  const { protocol, hostname, port } = new URL(address);
  const send = protocol === 'https:' ? httpsRequest : httpRequest;
  const asked = send({
    host: hostname.replaceAll(/^\[|\]$/g, ''),
    port,
    path,
    method,
    headers: fields as unknown as Record<string, string>,
    agent: false,
    maxHeaderSize: responseHeadLimitBytes,
    timeout: timeoutMs,
  });
  let isAnswered = false;
  asked.on('timeout', () => asked.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
  asked.on('error', (error: NodeJS.ErrnoException) => {
    if (isAnswered) socket.destroy();
    else refuse(socket, error.code === 'ETIMEDOUT' ? 504 : 502);
  });
  socket.once('close', () => asked.destroy());
  asked.on('response', (answer) => {
    isAnswered = true;
    relay(answer, socket).catch(() => socket.destroy());
  });
  asked.on('upgrade', (answer, upstream, rest) => {
    isAnswered = true;
    // Idle is how WebSockets are.
    asked.setTimeout(0);
    join(answer, upstream, rest, socket, head).catch(() => undefined);
  });
  asked.end();
}

async function join(answer: IncomingMessage, upstream: Duplex, rest: Buffer, socket: Duplex, head: Buffer): Promise<void> {
  for (const end of [socket, upstream]) if (end instanceof Socket) end.setKeepAlive(true, PROBE_AFTER_MS);
  socket.write(headOf(answer, answer.rawHeaders));
  if (rest.length > 0) socket.write(rest);
  if (head.length > 0) upstream.write(head);
  try {
    await Promise.all([pipeline(upstream, socket), pipeline(socket, upstream)]);
  } finally {
    upstream.destroy();
    socket.destroy();
  }
}

/** It has refused to speak that protocol: its answer, and the end of the connection. */
async function relay(answer: IncomingMessage, socket: Duplex): Promise<void> {
  socket.write(headOf(answer, [...endToEnd(answer.rawHeaders), 'Connection', 'close']));
  await pipeline(answer, socket);
  letGo(socket);
}

function headOf({ statusCode = 502, statusMessage = '' }: IncomingMessage, flat: readonly string[]): Buffer {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let at = 0; at < flat.length; at += 2) lines.push(`${flat[at]}: ${flat[at + 1]}`);
  // Chars are bytes here, and the parser has let no line end pass.
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** `more`: lines of its head. */
function refuse(socket: Duplex, status: number, more: readonly string[] = []): void {
  const text = `${status} ${reasonPhrase(status)}`;
  const fields = ['Content-Type: text/plain', `Content-Length: ${text.length + 1}`, 'Connection: close', ...more];
  socket.end(`HTTP/1.1 ${text}\r\n${fields.join('\r\n')}\r\n\r\n${text}\n`);
  letGo(socket);
}

/**
 * Its last word is said. Who sends on is heard for a while, since a reset could take the answer from him (RFC 9112 §9.6); the server has given
 * the connection away, so that nobody else ends it for a client that stays.
 */
function letGo(socket: Duplex): void {
  socket.resume();
  const late = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(late));
}
