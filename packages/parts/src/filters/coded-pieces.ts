// filters/coded-pieces.ts: one body through a coder, piece by piece.

import type { Coder } from './codings.ts';

export class CodedPieces {
  readonly #coder: Coder;
  #out: Buffer[] = [];
  #failure: Error | undefined;

  constructor(coder: Coder) {
    this.#coder = coder;
    coder.on('data', (bytes: Buffer) => this.#out.push(bytes));
    coder.on('error', (error) => (this.#failure = error));
  }

  /** What a client needs to have all of it, now. */
  async put(bytes: Uint8Array): Promise<Uint8Array | undefined> {
    await this.#done((done) => this.#coder.write(bytes, done));
    await this.#done((done) => this.#coder.flush(done));
    return this.#taken();
  }

  /** The rest. */
  async end(): Promise<Uint8Array | undefined> {
    await this.#done((done) => {
      this.#coder.once('end', done);
      // Given up meanwhile, there is no end.
      this.#coder.once('close', done);
      this.#coder.end();
    });
    return this.#taken();
  }

  /** Also when the answer is given up: what zlib holds is not on our heap. */
  close(): void {
    this.#coder.destroy();
  }

  #done(begin: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => reject(error);
      this.#coder.once('error', failed);
      begin((error) => {
        this.#coder.off('error', failed);
        const failure = error ?? this.#failure;
        if (failure === undefined) resolve();
        else reject(failure);
      });
    });
  }

  #taken(): Uint8Array | undefined {
    const pieces = this.#out.splice(0);
    return pieces.length < 2 ? pieces[0] : Buffer.concat(pieces);
  }
}
