// python-logging.ts: asks CPython's logging what it makes of an ini, of a format, of arguments.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type { LogEvent } from '@appserve/core/log';
import { inRepository } from './repository.ts';

/** One process for all questions. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what an answer is is known to who asks
export function askLogging<T>(questions: readonly object[]): readonly T[] {
  const { status, stdout, stderr } = spawnSync('python3', [inRepository('test/support/logging_oracle.py')], {
    input: questions.map((question) => `${JSON.stringify(question)}\n`).join(''),
    encoding: 'utf8',
    env: { ...process.env, PYTHONUTF8: '1' },
    maxBuffer: 2 ** 26,
  });
  assert.equal(status, 0, stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

/** A record for both. */
export function event(given: Partial<LogEvent> = {}): LogEvent {
  return {
    name: 'shop.cart',
    level: 20,
    message: 'placed 3',
    epochMs: new Date(2_026, 10, 20, 22, 30, 1, 7).getTime(),
    thread: 'worker-1',
    threadId: 4_711,
    pid: 99,
    startMs: new Date(2_026, 10, 20, 22, 30, 0, 0).getTime(),
    caller: { path: '/srv/shop/cart.js', line: 42, func: 'place' },
    ...given,
  };
}

/** As the oracle takes it. */
export function asPython({ caller, ...rest }: LogEvent): object {
  return { ...rest, pathname: caller!.path, lineno: caller!.line, func: caller!.func };
}
