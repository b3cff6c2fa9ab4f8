// app/node/going-away.ts: how a client that speaks WebSocket with a node app hears that the server stops: by a frame that the app knows
// nothing of.
//
// What the app writes is followed from its first byte. Servers of WebSockets write whole frames, but who passes bytes on, as a proxy does,
// writes the pieces that TCP has made of them; and an app that thinks before it answers 101 has written nothing yet.

import { Buffer } from 'node:buffer';
import type { Duplex } from 'node:stream';
import { MessageEnds } from '../../websocket/message-ends.ts';
import type { Callback } from './internals.ts';

/** Close, 1001 (RFC 6455 §5.5.1, §7.4.1). The app's own server of WebSockets hears the client's answer, and ends the connection. */
const GOING_AWAY = Buffer.from([0x88, 0x02, 0x03, 0xe9]);

type Write = (chunk: unknown, encoding?: BufferEncoding | Callback | null, callback?: Callback) => boolean;

/** Gives what says it, where the last message ends, or else where the next one does. Nothing has been written on the socket yet. */
export function goingAway(socket: Duplex): () => void {
  const ends = new MessageEnds();
  const write = socket.write.bind(socket) as Write;
  let isWanted = false;

  // Its own Close is the end of what is followed.
  const say = (): boolean => {
    ends.next(GOING_AWAY, 0);
    return write(GOING_AWAY);
  };

  const sayWithin = (bytes: Uint8Array, at: number, done: Callback | undefined): boolean => {
    const rest = bytes.subarray(at);
    socket.cork();
    write(bytes.subarray(0, at), rest.length === 0 ? done : undefined);
    let hasRoom = say();
    if (rest.length > 0) hasRoom = write(rest, done);
    socket.uncork();
    return hasRoom;
  };

  // A mistake in what is written is thrown by `write`, or as it would.
  const followed: Write = (chunk, encoding, callback) => {
    const bytes = ends.isOver ? undefined : bytesOf(socket, chunk, encoding);
    if (bytes === undefined) return write(chunk, encoding, callback);
    let at = ends.next(bytes, 0);
    if (isWanted && ends.isAtEnd) return sayWithin(bytes, at, typeof encoding === 'function' ? encoding : callback);
    while (at < bytes.length) at = ends.next(bytes, at);
    return write(chunk, encoding, callback);
  };
  // On the socket itself, whose class may be anything.
  socket.write = followed as Duplex['write'];

  return () => {
    isWanted = true;
    if (ends.isAtEnd && socket.writable) say();
  };
}

/** What Writable makes of a chunk; nothing of what it refuses. */
function bytesOf(socket: Duplex, chunk: unknown, encoding: unknown): Uint8Array | undefined {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === 'string')
    return Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : usualEncoding(socket));
  return ArrayBuffer.isView(chunk) ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : undefined;
}

/** Of `setDefaultEncoding`, which nothing public gives back; the same in Node 20 to 26. */
function usualEncoding(socket: Duplex): BufferEncoding {
  const { _writableState } = socket as Duplex & { readonly _writableState?: { readonly defaultEncoding?: BufferEncoding } };
  return _writableState?.defaultEncoding ?? 'utf8';
}
