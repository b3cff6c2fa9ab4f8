// control/protocol.ts: what is said on the control socket: a line of JSON asks, a line of JSON answers. A machine.
//
// { "version": 1, "id": 7, "command": "scale", "workers": 4 }
// { "version": 1, "id": 7, "ok": true, "result": { "workers": 4 } }
// { "version": 1, "id": 7, "ok": false, "error": { "code": "OPTION_INVALID", "message": "...", "faults": [...] } }
//
// Law: a line is whole, bounded and plain JSON, or it is an error; and after one whose end cannot be found, nothing more is read.

import { appErrorOf, Fault, FaultList, stackText, type Place } from '@appserve/core';

export const CONTROL_VERSION = 1;
/** A request says little. */
export const REQUEST_BYTES_MAX = 4_096;

export type RequestId = string | number | null;

export interface ControlRequest {
  readonly id: RequestId;
  readonly command: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export type ControlErrorCode =
  | 'NOT_JSON'
  | 'NOT_A_REQUEST'
  | 'TOO_LONG'
  | 'VERSION_UNKNOWN'
  | 'COMMAND_UNKNOWN'
  | 'FIELD_UNKNOWN';

/** What is wrong with a line. */
export class ControlError extends Error {
  readonly code: ControlErrorCode;
  readonly id: RequestId;

  constructor(code: ControlErrorCode, message: string, id: RequestId = null) {
    super(message);
    this.code = code;
    this.id = id;
  }
}

/** Throws a ControlError. */
export function parseRequest(line: string): ControlRequest {
  const parsed = jsonOf(line);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new ControlError('NOT_A_REQUEST', 'a request is an object: {"version":1,"command":"status"}');
  const { version, id: given, command, ...fields } = parsed as Readonly<Record<string, unknown>>;
  const id = typeof given === 'string' || typeof given === 'number' ? given : null;
  if (id === null && given !== undefined && given !== null)
    throw new ControlError('NOT_A_REQUEST', `"id" must be a text or a number, not ${JSON.stringify(given)}`);
  if (version !== CONTROL_VERSION)
    throw new ControlError('VERSION_UNKNOWN', `this server speaks version ${CONTROL_VERSION}: "version":${CONTROL_VERSION}`, id);
  if (typeof command !== 'string') throw new ControlError('NOT_A_REQUEST', '"command" must be a text', id);
  return { id, command, fields };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new ControlError('NOT_JSON', `a line must be JSON: ${(error as Error).message}`);
  }
}

/** Bytes to lines. What a peer sends without an end is not kept for ever. */
export class Lines {
  #rest = '';
  readonly #decoder = new TextDecoder();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** Throws a ControlError; then the peer is not to be read any more. */
  push(bytes: Uint8Array): string[] {
    const pieces = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#rest = pieces.pop()!;
    if ([...pieces, this.#rest].some((line) => line.length > this.#max))
      throw new ControlError('TOO_LONG', `a line has at most ${this.#max} bytes`);
    return pieces.map((line) => line.replace(/\r$/, '')).filter((line) => line !== '');
  }
}

export type ControlAnswer =
  | { readonly version: number; readonly id: RequestId; readonly ok: true; readonly result: unknown }
  | {
      readonly version: number;
      readonly id: RequestId;
      readonly ok: false;
      readonly error: ToldError;
    };

export interface ToldError {
  readonly code: string;
  readonly message: string;
  /** Each mistake by itself, where there are some that have a code. */
  readonly faults?: readonly ToldFault[];
}

/** In words: who reads it may be of another version, which has other faults. */
export interface ToldFault {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly at?: Place;
  /** What led there, innermost first. */
  readonly in: readonly string[];
  /** Of the app's own error, with its causes. */
  readonly stack?: string;
}

/** Nothing for an error that is no fault. */
export function toldFaults(error: unknown): readonly ToldFault[] | undefined {
  if (error instanceof FaultList) return error.faults.flatMap((fault) => toldFaults(fault)!);
  if (!(error instanceof Fault)) return undefined;
  // A worker that failed because of a fault is that fault.
  const inner = error.code === 'WORKER_FAILED' ? toldFaults(error.cause) : undefined;
  if (inner !== undefined) return inner;
  const { code, message, hint, at, askedBy } = error;
  const cause = appErrorOf(error);
  const stack = cause === undefined ? {} : { stack: stackText(cause) };
  return [{ code, message, ...(hint !== undefined && { hint }), ...(at && { at }), in: askedBy, ...stack }];
}

export function answerLine(id: RequestId, result: unknown): string {
  return `${JSON.stringify({ version: CONTROL_VERSION, id, ok: true, result } satisfies ControlAnswer)}\n`;
}

export function errorLine(id: RequestId, error: ToldError): string {
  return `${JSON.stringify({ version: CONTROL_VERSION, id, ok: false, error } satisfies ControlAnswer)}\n`;
}
