// app/file-wrapper.ts: a file as a response body: `wsgi.file_wrapper`. The server reads it block by block into buffers that it
// uses again, so that a file of any size costs the same memory.
//
// Law: the file is closed exactly once, whatever happens. A block is used again only where nobody can hold it any more: who iterates
// himself, or stands between the app and the socket, gets blocks of his own.

import { Buffer } from 'node:buffer';
import type { Exchange } from '../exchange/exchange.ts';

/** What a file must be able to do: `fs.promises.FileHandle` can. */
export interface ReadableFile {
  read(buffer: Uint8Array, offset: number, length: number, position: null): Promise<{ readonly bytesRead: number }>;
  close(): void | Promise<void>;
}

const BLOCK_BYTES = 256 * 1_024;
/** A socket that is given this much says that it is full until all of it is gone: only then may a buffer be used again. */
const LENT_BYTES_MIN = 64 * 1_024;

export class FileWrapper implements AsyncIterable<Uint8Array> {
  readonly #file: ReadableFile;
  readonly #blockBytes: number;
  #isClosed = false;

  /** From the file's position to its end, or to Content-Length. */
  constructor(file: ReadableFile, blockBytes = BLOCK_BYTES) {
    this.#file = file;
    this.#blockBytes = Math.max(1, blockBytes);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#file.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const block = Buffer.allocUnsafe(this.#blockBytes);
      const { bytesRead } = await this.#file.read(block, 0, block.length, null);
      if (bytesRead === 0) return;
      yield block.subarray(0, bytesRead);
    }
  }

  /** Writes at most `length` bytes of the file to a response that has been begun; gives how many. The caller closes. */
  async sendTo(exchange: Exchange, length: number): Promise<number> {
    if (!exchange.givesBack) return this.#send(exchange, length, () => Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, length)));
    const block = takeBlock();
    try {
      return await this.#send(exchange, length, () => block);
    } finally {
      // After a client has gone the socket may still hold the block: then it is left to the garbage collector.
      if (!exchange.isOver) giveBlock(block);
    }
  }

  /** `blockOf`: where the next bytes are read to. */
  async #send(exchange: Exchange, length: number, blockOf: () => Uint8Array): Promise<number> {
    let sent = 0;
    while (sent < length && !exchange.isOver && exchange.wantsBody) {
      const block = blockOf();
      const { bytesRead } = await this.#file.read(block, 0, Math.min(block.length, length - sent), null);
      if (bytesRead === 0) break;
      sent += bytesRead;
      const piece = block.subarray(0, bytesRead);
      if (!exchange.write(bytesRead < LENT_BYTES_MIN ? Buffer.from(piece) : piece)) await exchange.drained();
    }
    return sent;
  }
}

const BLOCKS_MAX = 16;
const blocks: Uint8Array[] = [];

function takeBlock(): Uint8Array {
  return blocks.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
}

function giveBlock(block: Uint8Array): void {
  if (blocks.length < BLOCKS_MAX) blocks.push(block);
}
