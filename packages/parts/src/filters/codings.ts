// filters/codings.ts: the content codings that there are (RFC 9110 §8.4.1), and how zlib makes them.

import zlib, { type BrotliOptions, type ZlibOptions } from 'node:zlib';
import type { Transform } from 'node:stream';

export const CODINGS = ['br', 'zstd', 'gzip'] as const;
export type Coding = (typeof CODINGS)[number];

/** A stream of zlib's: what is written comes out when it is flushed. */
export interface Coder extends Transform {
  flush(done: () => void): void;
  close(): void;
}

export interface Maker {
  readonly whole: (bytes: Uint8Array) => Uint8Array;
  readonly pieces: () => Coder;
}

/** What the types of Node 20 do not have. */
interface Zstd {
  readonly createZstdCompress?: (options: object) => Coder;
  readonly zstdCompressSync?: (bytes: Uint8Array, options: object) => Uint8Array;
}

/** As quick as gzip of that level, or nearly so: brotli's own 11 takes a hundred times as long. */
const BROTLI_OF_LEVEL = [0, 1, 2, 3, 4, 4, 5, 5, 6, 6];

/** Those of `wanted` that this Node has, in that order. */
export function makersOf(wanted: readonly Coding[], level: number): ReadonlyMap<Coding, Maker> {
  const { createZstdCompress, zstdCompressSync } = zlib as Zstd;
  const { constants } = zlib;
  const gzip: ZlibOptions = { level, flush: constants.Z_NO_FLUSH };
  const brotli: BrotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_OF_LEVEL[level]! } };
  const makers: { readonly [C in Coding]: Maker | undefined } = {
    br: {
      whole: (bytes) => zlib.brotliCompressSync(bytes, brotli),
      pieces: () => zlib.createBrotliCompress(brotli),
    },
    gzip: { whole: (bytes) => zlib.gzipSync(bytes, gzip), pieces: () => zlib.createGzip(gzip) },
    zstd:
      createZstdCompress === undefined || zstdCompressSync === undefined
        ? undefined
        : { whole: (bytes) => zstdCompressSync(bytes, {}), pieces: () => createZstdCompress({}) },
  };
  return new Map(wanted.flatMap((coding) => (makers[coding] === undefined ? [] : [[coding, makers[coding]]])));
}
