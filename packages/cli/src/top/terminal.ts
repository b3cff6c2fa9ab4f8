// top/terminal.ts: a terminal that is ours for a while: a screen of its own, keys as they are pressed; then it is as it was before.

import type { ReadStream, WriteStream } from 'node:tty';

/** xterm, and all that follow it: the other screen, and a cursor that is not seen. */
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_TO_END_OF_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** q, and what a terminal in raw mode makes of Ctrl-C and Ctrl-D. */
const QUITS = /[qQ\u0003\u0004]/;
const SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;

export class Terminal implements Disposable {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  #isLeft = false;
  /** Somebody wants to leave. */
  readonly left: Promise<void>;
  #leave!: () => void;
  #wake = (): void => undefined;
  #resized = (): void => undefined;
  readonly #quit = (): void => {
    this.#isLeft = true;
    this.#leave();
    this.#wake();
  };
  readonly #onKey = (bytes: Buffer): void => {
    if (QUITS.test(bytes.toString('latin1'))) this.#quit();
  };
  readonly #onResize = (): void => this.#resized();

  constructor(input: ReadStream, output: WriteStream) {
    this.#input = input;
    this.#output = output;
    this.left = new Promise((resolve) => {
      this.#leave = resolve;
    });
    input.setRawMode(true);
    input.on('data', this.#onKey);
    // A terminal that has gone away.
    input.once('end', this.#quit).on('error', this.#quit);
    output.on('resize', this.#onResize).on('error', this.#quit);
    for (const signal of SIGNALS) process.on(signal, this.#quit);
    output.write(ENTER);
  }

  get size(): { readonly columns: number; readonly rows: number } {
    const { columns, rows } = this.#output;
    // Some have no size: https://vt100.net/docs/vt100-ug/
    return { columns: columns || 80, rows: rows || 24 };
  }

  onResize(redraw: () => void): void {
    this.#resized = redraw;
  }

  /** In one write, so that no half of it is seen. */
  show(lines: readonly string[]): void {
    this.#output.write(`${HOME}${lines.map((line) => `${line}${CLEAR_TO_END_OF_LINE}`).join('\r\n')}${CLEAR_BELOW}`);
  }

  /** False: somebody wants to leave, which is told at once. */
  async isLeftAloneFor(ms: number): Promise<boolean> {
    if (!this.#isLeft) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return !this.#isLeft;
  }

  [Symbol.dispose](): void {
    this.#output.write(LEAVE);
    this.#input.off('data', this.#onKey).off('end', this.#quit);
    this.#output.off('resize', this.#onResize);
    this.#input.setRawMode(false);
    this.#input.pause();
    for (const signal of SIGNALS) process.off(signal, this.#quit);
  }
}
