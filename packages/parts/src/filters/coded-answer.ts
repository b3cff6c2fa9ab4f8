// filters/coded-answer.ts: one answer of an app on its way through a coder.
//
// Law: what is at hand as a whole is compressed in one step, which is as quick as zlib is; all else goes through piece by piece, and no
// piece waits for the next one. The head waits for the first byte, so that a body that turns out to be short goes out as it is.

import type { Environ, GatewayApp, GatewayResult, HeaderList, StartResponse, Write } from '@appserve/core/app';
import { CodedPieces } from './coded-pieces.ts';
import type { Coding, Maker } from './codings.ts';
import { valueOf, varying, without } from './head.ts';

export interface Choice {
  /** What this client likes best; nothing where it takes none. */
  readonly coding: (Maker & { readonly name: Coding }) | undefined;
  /** Another client may get other bytes of such an answer. */
  readonly mayVary: (status: string, headers: HeaderList) => boolean;
  /** As far as its fields tell. */
  readonly isWorth: (headers: HeaderList) => boolean;
  readonly minBytes: number;
  /** The app may make no content, and mean what GET would get. */
  readonly isHead: boolean;
}

interface Head {
  readonly status: string;
  readonly headers: HeaderList;
  readonly excInfo: unknown;
}

/** What is longer would keep other requests waiting: it goes through zlib's own threads. */
const AT_ONCE_BYTES = 64 * 1_024;
const NOTHING = new Uint8Array(0);

export class CodedAnswer {
  readonly #startResponse: StartResponse;
  readonly #choice: Choice;
  /** Of an answer that is to be compressed, while it is not sent. */
  #head: Head | undefined;
  #isGivenUp = false;
  #coded: { readonly pieces: CodedPieces; readonly write: Write } | undefined;

  constructor(startResponse: StartResponse, choice: Choice) {
    this.#startResponse = startResponse;
    this.#choice = choice;
  }

  of(app: GatewayApp, environ: Environ): ReturnType<GatewayApp> {
    const result = app(environ, (status, headers, excInfo) => this.#start({ status, headers, excInfo }));
    return result instanceof Promise ? result.then((later) => this.#body(later)) : this.#body(result);
  }

  #start(head: Head): Write {
    const { coding, mayVary, isWorth } = this.#choice;
    const { status, headers } = head;
    this.#head = undefined;
    // What the answer with the content would have (RFC 9110 §15.4.5): the client has a weak ETag of what was compressed.
    if (status.startsWith('304')) {
      const varied = varying(headers, 'Accept-Encoding');
      return this.#send({ ...head, headers: coding === undefined ? varied : ofOtherBytes(varied) });
    }
    if (!mayVary(status, headers)) return this.#send(head);
    const varied = { ...head, headers: varying(headers, 'Accept-Encoding') };
    if (coding === undefined || !isWorth(headers)) return this.#send(varied);
    this.#head = varied;
    return (bytes) => this.#write(bytes);
  }

  #send({ status, headers, excInfo }: Head, length?: number): Write {
    const more = length === undefined ? headers : [...headers, ['Content-Length', String(length)] as const];
    return this.#startResponse(status, more, excInfo);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const { pieces, write } = this.#begin();
    await write((await pieces.put(bytes)) ?? NOTHING);
  }

  #begin(): { readonly pieces: CodedPieces; readonly write: Write } {
    const coding = this.#choice.coding!;
    return (this.#coded ??= { write: this.#send(codedHead(this.#head!, coding.name)), pieces: new CodedPieces(coding.pieces()) });
  }

  #body(result: GatewayResult): GatewayResult {
    if (this.#choice.coding === undefined) return result;
    if (!Array.isArray(result) || this.#coded !== undefined) return this.#stream(result);
    return this.#head === undefined ? result : this.#whole(result as readonly Uint8Array[], this.#head);
  }

  #whole(pieces: readonly Uint8Array[], head: Head): GatewayResult {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (length > AT_ONCE_BYTES) return this.#stream(pieces);
    if (length === 0 && this.#choice.isHead) {
      this.#sendAlone(head);
      return this.#stream(pieces);
    }
    if (length < this.#choice.minBytes) {
      this.#send(head);
      return pieces;
    }
    const coding = this.#choice.coding!;
    const bytes = coding.whole(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));
    this.#send(codedHead(head, coding.name), bytes.length);
    return [bytes];
  }

  /** To HEAD, of an app that makes no content for it: nobody knows how long it would be (RFC 9110 §8.6), or whether it is too short. */
  #sendAlone(head: Head): void {
    this.#head = undefined;
    this.#send(valueOf(head.headers, 'content-length') === undefined ? head : codedHead(head, this.#choice.coding!.name));
  }

  #stream(result: GatewayResult): GatewayResult {
    return {
      [Symbol.asyncIterator]: () => this.#pieces(result),
      close: async () => {
        // The app may be in the middle of a piece, and give it afterwards: no coder is made for it any more.
        this.#isGivenUp = true;
        this.#coded?.pieces.close();
        await result.close?.();
      },
    };
  }

  async *#pieces(result: GatewayResult): AsyncGenerator<Uint8Array, void> {
    for await (const piece of result) {
      if (this.#isGivenUp) return;
      // A generator may say in its first step what it is.
      if (this.#head === undefined) yield piece;
      else if (piece.length > 0) {
        const coded = await this.#begin().pieces.put(piece);
        if (coded !== undefined) yield coded;
      }
    }
    if (this.#head === undefined || this.#isGivenUp) return;
    if (this.#coded === undefined && this.#choice.isHead) {
      this.#sendAlone(this.#head);
      return;
    }
    const rest = await this.#begin().pieces.end();
    if (rest !== undefined) yield rest;
  }
}

/** Fields that are of the bytes as they were; a coding is of the representation too (RFC 9530 §3). */
const OF_THE_BYTES = ['content-length', 'content-md5', 'digest', 'content-digest', 'repr-digest', 'accept-ranges'];

function codedHead(head: Head, coding: Coding): Head {
  return { ...head, headers: [...ofOtherBytes(head.headers), ['Content-Encoding', coding]] };
}

/** The same text, so its tag is weak (RFC 9110 §8.8.3.3). */
function ofOtherBytes(headers: HeaderList): HeaderList {
  return without(headers, ...OF_THE_BYTES).map(([name, value]) =>
    name.toLowerCase() === 'etag' && value.startsWith('"') ? ([name, `W/${value}`] as const) : ([name, value] as const),
  );
}
