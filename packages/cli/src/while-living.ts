// while-living.ts: an app in this thread, from its start to its close, around what is done with it.

import { inspect } from 'node:util';
import type { LivingApp } from '@appserve/core/app';
import { EXIT_CODES } from './exit-codes.ts';

/** Gives the exit code of the act; another one where the app cannot be closed. What keeps it from starting is thrown. */
export async function whileLiving(living: LivingApp, act: () => number | Promise<number>): Promise<number> {
  await living.start();
  let code: number = EXIT_CODES.start.code;
  try {
    code = await act();
  } finally {
    for (const error of await living.close()) {
      process.stderr.write(`appserve: closing the app failed: ${inspect(error)}\n`);
      code = EXIT_CODES.start.code;
    }
  }
  return code;
}
