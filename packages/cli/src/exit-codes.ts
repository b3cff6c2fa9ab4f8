// exit-codes.ts: what the end of the process tells whoever started it. The table in docs/guide/operations.md is printed from it.

import type { Fault } from '@appserve/core';

export const EXIT_CODES = {
  asked: { code: 0, means: 'it was asked to stop' },
  start: { code: 1, means: 'it could not start: an address in use, an app that does not load' },
  config: { code: 2, means: 'the configuration, or the command line, is wrong' },
  crashing: { code: 3, means: 'it started, and gave up: its workers die before they serve anybody' },
  stale: { code: 4, means: '`appserve build --check`: what was generated is not what the configuration says' },
} as const;

/** `undefined`: an error that is no fault. */
export function exitCodeOf(fault: Fault | undefined): number {
  if (fault?.code === 'WORKERS_CRASHING') return EXIT_CODES.crashing.code;
  return fault?.blame === 'config' ? EXIT_CODES.config.code : EXIT_CODES.start.code;
}
