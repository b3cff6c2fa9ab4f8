// lint/response.ts: one answer of an app, from startResponse to the end of its body.

import { Buffer } from 'node:buffer';
import { Fault } from '../../faults.ts';
import { ResponseHead } from '../../message/response-head.ts';
import type { StartResponse, Write } from '../contracts.ts';
import type { RuleNumber } from '../gateway-rules.ts';
import { flatten, type HeaderList } from '../header-list.ts';
import { nameOf } from '../../name-of.ts';
import { SWITCHING } from '../upgrade.ts';
import { broken, check } from './broken.ts';
import { heard } from './heard.ts';

/** What a server would refuse, by the rule that it breaks. */
const BROKEN_BY: Readonly<Record<string, RuleNumber>> = {
  RESPONSE_STATUS_INVALID: 'G26',
  RESPONSE_FIELD_INVALID: 'G27',
  RESPONSE_FIELD_FORBIDDEN: 'G28',
};

export class LintedResponse {
  readonly #method: string;
  readonly #startResponse: StartResponse;
  readonly #isOver: () => boolean;
  #head: ResponseHead | undefined;
  #bytes = 0;
  /** What it has given last, and what was in it then. */
  #given: { readonly piece: Uint8Array; readonly copy: Buffer } | undefined;
  #isAskedForPieces = false;
  #mayBeSwitching = false;
  /** The last head was the 101 of G51, which is no answer with a body. */
  #isSwitching = false;

  /** `isOver`: whether there is nothing to be answered any more, as far as the server tells. */
  constructor(method: string, startResponse: StartResponse, isOver: () => boolean) {
    this.#method = method;
    this.#startResponse = startResponse;
    this.#isOver = isOver;
  }

  /** The app has asked for the upgrade that its server offers. */
  offerSwitching(): void {
    this.#mayBeSwitching = true;
  }

  start(args: readonly unknown[]): Write {
    const [status, headers, excInfo] = args as Parameters<StartResponse>;
    const isAgain = this.#head !== undefined && (excInfo === undefined || excInfo === null);
    check(!isAgain, 'G31', () => 'called startResponse again without excInfo');
    this.#isSwitching = this.#mayBeSwitching && status === SWITCHING;
    // Its fields are those of any other; of its status no such head can be made.
    this.#head = headOf(this.#isSwitching ? '200 OK' : status, headers);
    checkFields(this.#head);
    const write: unknown = this.#startResponse(status, headers, excInfo);
    check(typeof write === 'function', 'G33', () => `gave ${nameOf(write)} for write`);
    return (bytes) => heard(this.#write(write as Write, bytes));
  }

  async #write(write: Write, bytes: Uint8Array): Promise<void> {
    check((bytes as unknown) instanceof Uint8Array, 'G34', () => `called write with ${nameOf(bytes)}`);
    check(!this.#isAskedForPieces, 'G34', () => 'called write while its result was asked for pieces');
    this.#count(bytes);
    this.#give(bytes);
    await write(bytes);
  }

  /** The server asks for the next piece. */
  ask(): void {
    this.#isAskedForPieces = true;
  }

  piece(piece: unknown): Uint8Array {
    check(piece instanceof Uint8Array, 'G37', () => `gave ${nameOf(piece)} as a piece of its body`);
    if (piece.length > 0) this.#count(piece);
    this.#give(piece);
    return piece;
  }

  #give(piece: Uint8Array): void {
    this.#checkGiven();
    this.#given = { piece, copy: Buffer.from(piece) };
  }

  #checkGiven(): void {
    const { copy, piece } = this.#given ?? {};
    check(piece === undefined || copy!.equals(piece), 'G52', () => 'changed the bytes of a piece that it had given');
  }

  #count(bytes: Uint8Array): void {
    check(this.#head !== undefined, 'G25', () => 'gave bytes before it called startResponse');
    const { status, contentLength } = this.#head;
    const isNone = status === 204 || status === 304;
    check(!isNone || bytes.length === 0, 'G35', () => `gave content with a status of ${status}`);
    check(bytes.length === 0 || this.#head.fields.has('content-type'), 'G35', () => 'gave content without a Content-Type');
    check(!this.#isSwitching, 'G35', () => 'gave content with a status of 101');
    this.#bytes += bytes.length;
    check(
      contentLength === -1 || this.#bytes <= contentLength,
      'G42',
      () => `gave more than the ${contentLength} bytes that it announced`,
    );
  }

  /** The body is complete. To HEAD, and with 304, an app may announce what it does not give. */
  end(): void {
    this.#checkGiven();
    // The connection was taken over, or nobody is there any more.
    if (this.#head === undefined && this.#isOver()) return;
    check(this.#head !== undefined, 'G25', () => 'was at its end before it called startResponse');
    const { status, contentLength } = this.#head;
    const isWhole = contentLength === -1 || this.#bytes === contentLength || this.#method === 'HEAD' || status === 304;
    check(isWhole, 'G42', () => `gave ${this.#bytes} of the ${contentLength} bytes that it announced`);
  }
}

function headOf(status: string, headers: HeaderList): ResponseHead {
  let head: ResponseHead;
  try {
    head = ResponseHead.fromStatusText(status, flatten(headers));
  } catch (error) {
    const rule = error instanceof Fault ? BROKEN_BY[error.code] : undefined;
    throw rule === undefined ? error : broken(rule, `called startResponse wrongly: ${(error as Fault).message}`, error);
  }
  check(/^[0-9]{3} ./.test(status), 'G26', () => `gave a status without a reason: ${JSON.stringify(status)}`);
  return head;
}

function checkFields({ status, fields }: ResponseHead): void {
  check(!fields.has('status'), 'G36', () => 'sent a field called Status');
  const isNone = status === 204 || status === 304;
  check(!isNone || !fields.has('content-type'), 'G35', () => `sent a Content-Type with a status of ${status}`);
}
