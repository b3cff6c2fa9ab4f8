// faults.ts: what an act fails with, and what its places point at.

import assert from 'node:assert/strict';
import { Fault, FaultList } from '@appserve/core';

/** All faults of an act that fails; one that succeeds, or fails with anything else, fails the test. */
export async function faultsOf(act: Promise<unknown>): Promise<readonly Fault[]> {
  try {
    await act;
  } catch (error) {
    if (error instanceof FaultList) return error.faults;
    if (error instanceof Fault) return [error];
    throw error;
  }
  assert.fail('a fault was expected, but all went well');
}

/** The fault of an act that has one. */
export async function faultOf(act: Promise<unknown>): Promise<Fault> {
  const faults = await faultsOf(act);
  assert.equal(faults.length, 1, faults.map(pointed).join('\n'));
  return faults[0]!;
}

/** `KEY_REPEATED 3:1 greeting`: the code, the line and column, and what the caret underlines. */
export function pointed({ code, at }: Fault): string {
  if (at === undefined) return code;
  const { line, column, text = '', length = 0 } = at;
  return `${code} ${line}:${column} ${text.slice(column - 1, column - 1 + length)}`.trimEnd();
}
