// causes.ts: an error with all that led to it: its `cause`, and those that an AggregateError gathers. Anything may be thrown.

import { toErrorRecord } from './fault-record.ts';
import type { Fault } from './faults.ts';

/** Promises can be raced by the thousand. */
const CAUSES_MAX = 8;

/** Nearest first: causes of causes follow the one that they have led to. */
export function causesOf(error: unknown): readonly unknown[] {
  const causes = new Set<unknown>();
  const add = (one: unknown): void => {
    if (one === undefined || one === error || causes.has(one) || causes.size === CAUSES_MAX) return;
    causes.add(one);
    for (const further of directCauses(one)) add(further);
  };
  for (const one of directCauses(error)) add(one);
  return [...causes];
}

function directCauses(error: unknown): readonly unknown[] {
  if (!(error instanceof Error)) return [];
  const { cause, errors } = error as { readonly cause?: unknown; readonly errors?: unknown };
  return [cause, ...(Array.isArray(errors) ? errors : [])];
}

/** Its stack and those of its causes, without what is Node's own. */
export function stackText(error: unknown): string {
  return [stackOf(error), ...causesOf(error).map((cause) => `caused by ${stackOf(cause)}`)].join('\n');
}

function stackOf(error: unknown): string {
  const record = toErrorRecord(error);
  const stack = record.type === 'error' ? record.stack : String((error as Error).stack);
  return stack.replaceAll(/\n.*\(?node:internal.*/g, '');
}

const CAUSED_BY_APP: ReadonlySet<string> = new Set(['MODULE_FAILED', 'FACTORY_FAILED', 'WORKER_FAILED', 'CONTROL_REFUSED']);

/** The error of the app itself, where the fault only says that there is one: its author needs the stack. */
export function appErrorOf({ code, cause }: Fault): unknown {
  return CAUSED_BY_APP.has(code) ? cause : undefined;
}
