// generate/hidden.ts: faults of a build without the values of the environment that it has put in. Who throws them has only the text of
// an ini, and does not know that a word of it is secret.

import { inspect } from 'node:util';
import { Fault, FaultList } from '@appserve/core';
import { withoutSecrets } from '../secrets.ts';
import type { Setting } from '../setting.ts';

/** What is no fault stays as it is. */
export function hidden(error: unknown, secrets: readonly Setting[]): unknown {
  if (secrets.length === 0) return error;
  if (error instanceof FaultList) return new FaultList(error.faults.map((fault) => hiddenFault(fault, secrets)));
  return error instanceof Fault ? hiddenFault(error, secrets) : error;
}

function hiddenFault(fault: Fault, secrets: readonly Setting[]): Fault {
  const hide = (text: string): string => withoutSecrets(text, secrets);
  const { details, at, askedBy, cause } = fault;
  const isClean = (value: unknown): boolean => {
    const text = inspect(value, { depth: 8 });
    return hide(text) === text;
  };
  if (isClean([details, at, askedBy, cause, fault.message])) return fault;
  // The line of a generated file; that of a configuration or a template has the reference in it, not the value.
  const place = at?.text === undefined || isClean(at.text) ? at : { ...at, text: hide(at.text) };
  const kept = isClean(cause) ? { cause } : {};
  return new Fault(fault.code, plain(details, hide), { at: place, askedBy: askedBy.map(hide), ...kept });
}

/** Details are plain data: texts, numbers, lists and objects of them. */
function plain(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === 'string') return hide(value);
  if (Array.isArray(value)) return value.map((one) => plain(one, hide));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one, hide)]));
}
