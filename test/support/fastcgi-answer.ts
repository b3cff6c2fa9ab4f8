// fastcgi-answer.ts: what a FastCGI application says to one request, checked against the specification as it comes.

import { PROTOCOL_STATUS, TYPE, type FastCgiRecord } from './fastcgi-wire.ts';

export interface FastCgiAnswer {
  /** All of it, latin1. */
  readonly stdout: string;
  readonly stderr: string;
  /** Of the CGI response in stdout: its lines in front of the empty one, and what stands behind it. */
  readonly head: readonly string[];
  readonly body: string;
  readonly appStatus: number;
  readonly protocolStatus: (typeof PROTOCOL_STATUS)[number];
}

export class AnswerReader {
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  #end: Buffer | undefined;

  /** The next record with the id of this request. */
  take({ type, id, content }: FastCgiRecord): void {
    if (this.#end !== undefined) throw new Error(`a record of type ${type} for request ${id}, which is over`);
    switch (type) {
      case TYPE.stdout:
        append(this.#stdout, content, `stdout of request ${id}`);
        break;
      case TYPE.stderr:
        append(this.#stderr, content, `stderr of request ${id}`);
        break;
      case TYPE.endRequest:
        if (content.length !== 8) throw new Error(`an end of ${content.length} bytes`);
        this.#end = content;
        break;
      default:
        throw new Error(`a record of type ${type} for request ${id}`);
    }
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** As far as it has come. */
  get stdout(): string {
    return Buffer.concat(this.#stdout).toString('latin1');
  }

  whole(): FastCgiAnswer {
    const end = this.#end!;
    const protocolStatus = PROTOCOL_STATUS[end[4]!];
    if (protocolStatus === undefined) throw new Error(`protocolStatus ${end[4]}`);
    // §3.3: a stream has an end, and stdout is sent even when it is empty. What was refused was never begun.
    if (protocolStatus === 'REQUEST_COMPLETE' && !isEnded(this.#stdout)) throw new Error('stdout has no end');
    if (this.#stderr.length > 0 && !isEnded(this.#stderr)) throw new Error('stderr has no end');
    const { stdout } = this;
    const headEnd = stdout.indexOf('\r\n\r\n');
    return {
      stdout,
      stderr: Buffer.concat(this.#stderr).toString('latin1'),
      head: headEnd === -1 ? [] : stdout.slice(0, headEnd).split('\r\n'),
      body: headEnd === -1 ? '' : stdout.slice(headEnd + 4),
      appStatus: end.readUInt32BE(0),
      protocolStatus,
    };
  }
}

/** The empty record, which ends a stream, is kept as the last one. */
function append(pieces: Buffer[], content: Buffer, what: string): void {
  if (isEnded(pieces)) throw new Error(`${what} goes on behind its end`);
  pieces.push(content);
}

function isEnded(pieces: readonly Buffer[]): boolean {
  return pieces.at(-1)?.length === 0;
}
