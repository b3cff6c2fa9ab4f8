// lint/input.ts: `wsgi.input` between a server and an app: what the app asks, and what it is given.

import type { Exchange } from '../../exchange/exchange.ts';
import type { InputStream } from '../input.ts';
import { EXCHANGE, underlyingOf } from '../underlying.ts';
import { nameOf } from '../../name-of.ts';
import { check } from './broken.ts';
import { heard } from './heard.ts';

/** Asks the input of a server. Faults: GATEWAY_RULE_BROKEN. */
export class LintedInput implements InputStream {
  readonly #input: InputStream;
  /** As the input has it: a converted app takes its pieces as they come, and not in blocks that must be full. */
  readonly asBody: InputStream['asBody'];

  constructor(input: InputStream) {
    this.#input = input;
    this.asBody = input.asBody?.bind(input);
  }

  /** A converted app behind the validator finds the server as without it. */
  get [EXCHANGE](): Exchange | undefined {
    return underlyingOf(this.#input);
  }

  read(size = -1): Promise<Uint8Array> {
    return heard(this.#read(size));
  }

  readline(size = -1): Promise<Uint8Array> {
    return heard(this.#readline(size));
  }

  readlines(hint = -1): Promise<Uint8Array[]> {
    return heard(this.#readlines(hint));
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for await (const line of this.#input) {
      checkLine(line);
      yield line;
    }
  }

  async #read(size: number): Promise<Uint8Array> {
    checkSize('read', size);
    const bytes: unknown = await this.#input.read(size);
    check(bytes instanceof Uint8Array, 'G17', () => `read ${nameOf(bytes)}`);
    check(size < 0 || bytes.length <= size, 'G17', () => `read ${bytes.length} bytes where ${size} were asked for`);
    return bytes;
  }

  async #readline(size: number): Promise<Uint8Array> {
    checkSize('readline', size);
    const line: unknown = await this.#input.readline(size);
    checkLine(line);
    check(size < 0 || line.length <= size, 'G18', () => `read ${line.length} bytes of a line where ${size} were asked for`);
    return line;
  }

  async #readlines(hint: number): Promise<Uint8Array[]> {
    checkSize('readlines', hint);
    const lines: unknown = await this.#input.readlines(hint);
    check(Array.isArray(lines), 'G18', () => `read ${nameOf(lines)} where lines were asked for`);
    for (const line of lines as unknown[]) checkLine(line);
    return lines as Uint8Array[];
  }
}

function checkSize(method: string, size: unknown): void {
  check(
    Number.isInteger(size) || size === Number.POSITIVE_INFINITY,
    'G23',
    () => `called ${method}(${String(size)}) of wsgi.input`,
  );
}

const LF = 0x0a;

function checkLine(line: unknown): asserts line is Uint8Array {
  check(line instanceof Uint8Array, 'G18', () => `read ${nameOf(line)} for a line`);
  const end = line.indexOf(LF);
  check(end === -1 || end === line.length - 1, 'G18', () => 'read a line that goes on behind its LF');
}
