// asked.ts: a mistake in a section, or in a file, knows where it stands. How one came there is put behind it.

import { Fault, FaultList, throwFaults } from '@appserve/core';

/** `by`: the sections that led here, innermost first. What is no fault goes through as it is. */
export function withAskers<T>(by: readonly string[], step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof FaultList) throwFaults(error.faults.map((fault) => continued(fault, by)));
    throw error instanceof Fault ? continued(error, by) : error;
  }
}

function continued(fault: Fault, by: readonly string[]): Fault {
  const { code, details, at, cause } = fault;
  return by.length === 0 ? fault : new Fault(code, details, { at, askedBy: [...fault.askedBy, ...by], cause });
}
