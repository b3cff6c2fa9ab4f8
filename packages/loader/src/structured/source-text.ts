// structured/source-text.ts: a text that people wrote, by offsets: the places that its errors point at.

import type { Place } from '@appserve/core';

export class SourceText {
  /** Without a byte order mark. */
  readonly text: string;
  readonly #file: string;
  readonly #lineStarts: number[] = [0];

  /** `file` is as people shall read it in messages. */
  constructor(text: string, file: string) {
    this.text = text.replace(/^\ufeff/, '');
    this.#file = file;
    for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1);
  }

  /** From `start` to `end`, or to the end of the line where that comes first. */
  place(start: number, end: number): Place {
    const line = this.#lineOf(start);
    const lineStart = this.#lineStarts[line - 1]!;
    const text = this.lineText(line);
    const length = Math.max(1, Math.min(end, lineStart + text.length) - start);
    return { file: this.#file, line, column: start - lineStart + 1, length, text };
  }

  /** The end of a line, as many characters of it as are meant. */
  lineEnd(line: number, length: number): Place {
    const text = this.lineText(line);
    return { file: this.#file, line, column: Math.max(1, text.length - length + 1), length, text };
  }

  lineText(line: number): string {
    const end = this.#lineStarts[line];
    return this.text.slice(this.#lineStarts[line - 1], end === undefined ? undefined : end - 1).replace(/\r$/, '');
  }

  /** Lines count from 1. */
  #lineOf(offset: number): number {
    let [low, high] = [0, this.#lineStarts.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#lineStarts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }
}
