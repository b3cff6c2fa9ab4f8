// fault-record.ts: an error as plain data, so that it can cross a thread wall and be itself again on the other side.
//
// Structured clone keeps name, message and stack of an Error, but neither a code, details nor a place. What is thrown may be
// anything: a circle of causes, an object without a prototype, a message that is no text. All of it arrives as something.

import { Fault, FaultList, type FaultCode } from './faults.ts';
import type { Place } from './place.ts';

export type ErrorRecord =
  | {
      readonly type: 'fault';
      readonly code: FaultCode;
      readonly details: unknown;
      readonly at: Place | undefined;
      readonly askedBy: readonly string[];
      readonly cause: ErrorRecord | undefined;
    }
  | { readonly type: 'list'; readonly faults: readonly ErrorRecord[] }
  | {
      readonly type: 'error';
      readonly name: string;
      readonly message: string;
      readonly stack: string;
      readonly cause: ErrorRecord | undefined;
      /** What an AggregateError gathers. */
      readonly errors?: readonly ErrorRecord[];
    };

/** How many causes of causes are told. */
const CAUSES_MAX = 8;
/** Of one AggregateError, and how deep they are in each other: what is read of a tree is bounded. */
const GATHERED_MAX = 8;
const GATHERED_DEPTH_MAX = 3;

export function toErrorRecord(error: unknown, depth = 0): ErrorRecord {
  if (error instanceof FaultList) return { type: 'list', faults: error.faults.map((fault) => toErrorRecord(fault)) };
  const hasCause = error instanceof Error && error.cause !== undefined && depth < CAUSES_MAX;
  const cause = hasCause ? toErrorRecord(error.cause, depth + 1) : undefined;
  if (error instanceof Fault) {
    return { type: 'fault', code: error.code, details: error.details, at: error.at, askedBy: error.askedBy, cause };
  }
  if (error instanceof Error) {
    const [name, message] = [textOf(error.name), textOf(error.message)];
    return {
      type: 'error',
      name,
      message,
      stack: typeof error.stack === 'string' ? error.stack : `${name}: ${message}`,
      cause,
      ...gathered(error, depth),
    };
  }
  return { type: 'error', name: 'Error', message: textOf(error), stack: `thrown: ${textOf(error)}`, cause: undefined };
}

function gathered(error: Error, depth: number): { errors?: readonly ErrorRecord[] } {
  const { errors } = error as { readonly errors?: unknown };
  if (!Array.isArray(errors) || depth >= GATHERED_DEPTH_MAX) return {};
  return { errors: errors.slice(0, GATHERED_MAX).map((one) => toErrorRecord(one, depth + 1)) };
}

/** An object is told as JSON. `String()` fails for objects that have no way to be text. */
function textOf(value: unknown): string {
  try {
    const text = String(value);
    return text === '[object Object]' ? JSON.stringify(value) : text;
  } catch {
    return Object.prototype.toString.call(value);
  }
}

export function fromErrorRecord(record: ErrorRecord): Error {
  switch (record.type) {
    case 'fault':
      return new Fault(record.code, record.details, {
        at: record.at,
        askedBy: record.askedBy,
        cause: record.cause && fromErrorRecord(record.cause),
      });
    case 'list':
      return new FaultList(record.faults.map((fault) => fromErrorRecord(fault) as Fault));
    case 'error': {
      const error = new Error(record.message, record.cause && { cause: fromErrorRecord(record.cause) });
      error.name = record.name;
      error.stack = record.stack;
      return record.errors === undefined ? error : Object.assign(error, { errors: record.errors.map(fromErrorRecord) });
    }
  }
}
