// fault-record.ts: an error as plain data, so that it can cross a thread wall and be itself again on the other side.
//
// Structured clone keeps name, message and stack of an Error, but neither a code, details nor a place.

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
    };

export function toErrorRecord(error: unknown): ErrorRecord {
  if (error instanceof FaultList) return { type: 'list', faults: error.faults.map(toErrorRecord) };
  const cause = error instanceof Error && error.cause !== undefined ? toErrorRecord(error.cause) : undefined;
  if (error instanceof Fault) {
    return { type: 'fault', code: error.code, details: error.details, at: error.at, askedBy: error.askedBy, cause };
  }
  if (error instanceof Error) {
    return { type: 'error', name: error.name, message: error.message, stack: error.stack ?? String(error), cause };
  }
  return { type: 'error', name: 'Error', message: String(error), stack: `thrown: ${String(error)}`, cause: undefined };
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
      return error;
    }
  }
}
