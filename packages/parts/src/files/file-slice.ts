// files/file-slice.ts: some bytes of an open file, as `wsgi.file_wrapper` reads a file.

import type { FileHandle } from 'node:fs/promises';
import type { ReadableFile } from '@appserve/core/app';

/** From `start` to before `end`; less where the file has become shorter. */
export function fileSlice(handle: FileHandle, start: number, end: number): ReadableFile {
  let at = start;
  return {
    read: async (buffer, offset, length) => {
      const { bytesRead } = await handle.read(buffer, offset, Math.min(length, end - at), at);
      at += bytesRead;
      return { bytesRead };
    },
    close: () => handle.close(),
  };
}
