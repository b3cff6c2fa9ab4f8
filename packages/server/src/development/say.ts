// development/say.ts: what is said of a failure in the terminal, or wherever stderr goes.

import type { Failure } from './failure.ts';
import { failureText } from './failure-text.ts';
import { KEYS_HELP, type Keys } from './keys.ts';

/** Colours are for terminals, and for who has not asked for none (no-color.org). */
function isColoured(): boolean {
  return process.stderr.isTTY && !process.env['NO_COLOR'];
}

/** One that goes by: the app goes on. */
export function sayInPassing(failure: Failure): void {
  process.stderr.write(`\n${failureText(failure, isColoured())}`);
}

/** One that stays until something changes. */
export function sayFailure(failure: Failure, keys: Keys | undefined): void {
  sayInPassing(failure);
  process.stderr.write(`waiting for a change${keys === undefined ? '' : ` (${KEYS_HELP})`}\n`);
}
