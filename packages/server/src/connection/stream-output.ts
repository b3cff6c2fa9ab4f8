// connection/stream-output.ts: the sending side of one HTTP/2 stream: what its client has not taken yet, and since when.
//
// Law: node:http2 is given one slice at a time. So what waits of an answer waits here, where it is not counted against the memory of the
// session; a slice that has gone shows that the client goes on taking; and a piece that was lent is given back when its last slice has:
// as with sockets, who was told to wait waits until nothing is left, since nobody knows which pieces are lent.

import type { ServerHttp2Stream } from 'node:http2';

/** The window that a client opens by itself (RFC 9113 §6.9.2), less what would not fill it. */
const SLICE_BYTES = 64 * 1_024;
/** Bytes that wait at which the app should wait too. */
const FULL_BYTES = 64 * 1_024;

export class StreamOutput {
  readonly #stream: ServerHttp2Stream;
  readonly #onMove: () => void;
  #pieces: Uint8Array[] = [];
  /** What waits, with the slice under way. */
  #bytes = 0;
  #sliceBytes = 0;
  #isEnding = false;
  /** The client is slow: what comes next should wait until all is gone. */
  isBlocked = false;
  #isDropped = false;
  /** Since when the client has taken nothing of what waits for it; `undefined` when nothing waits. */
  unsentSinceMs: number | undefined;
  readonly #sent: () => void;

  /** `onMove`: a slice has gone. */
  constructor(stream: ServerHttp2Stream, onMove: () => void) {
    this.#stream = stream;
    this.#onMove = onMove;
    this.#sent = () => this.#moved();
  }

  write(bytes: Uint8Array, nowMs: number): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    this.isBlocked ||= this.#bytes >= FULL_BYTES;
    this.unsentSinceMs ??= nowMs;
  }

  /** Behind what waits. */
  end(nowMs: number): void {
    this.#isEnding = true;
    this.unsentSinceMs ??= nowMs;
  }

  /** Gives the stream what it may have. What is written in one turn goes in one slice. */
  flush(): void {
    if (this.#sliceBytes > 0) return;
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) {
      this.drop();
      return;
    }
    const slice = this.#takeSlice();
    if (slice.length > 1) stream.cork();
    for (const [index, bytes] of slice.entries()) {
      if (index === slice.length - 1) stream.write(bytes, this.#sent);
      else stream.write(bytes);
    }
    if (slice.length > 1) stream.uncork();
    // Within the same turn, so that the last frame of data is the end of the stream.
    if (this.#isEnding && this.#pieces.length === 0 && !stream.writableEnded) stream.end();
  }

  #takeSlice(): Uint8Array[] {
    const slice: Uint8Array[] = [];
    let room = SLICE_BYTES;
    while (room > 0 && this.#pieces.length > 0) {
      const piece = this.#pieces[0]!;
      if (piece.length <= room) {
        slice.push(piece);
        this.#pieces.shift();
      } else {
        slice.push(piece.subarray(0, room));
        this.#pieces[0] = piece.subarray(room);
      }
      room -= slice.at(-1)!.length;
    }
    this.#sliceBytes = SLICE_BYTES - room;
    return slice;
  }

  /** The client has taken a slice, or will never. */
  #moved(): void {
    if (!this.#isDropped) {
      this.#bytes -= this.#sliceBytes;
      this.#sliceBytes = 0;
      this.isBlocked &&= this.#bytes > 0;
    }
    this.#onMove();
  }

  /** At `nowMs` a slice had gone. */
  touch(nowMs: number): void {
    this.unsentSinceMs = this.#bytes > 0 || this.#isEnding ? nowMs : undefined;
  }

  /** Nobody takes it any more. What waited may be held by node:http2 for a while: who has lent it waits until his exchange is over. */
  drop(): void {
    this.#isDropped = true;
    this.isBlocked ||= this.#bytes > 0;
    this.#pieces = [];
    this.#bytes = 0;
    this.#sliceBytes = 0;
    this.unsentSinceMs = undefined;
  }
}
