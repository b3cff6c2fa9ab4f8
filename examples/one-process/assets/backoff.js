// backoff.js: how long to wait before a server is asked again. Pure: chance is an argument.
//
// Each wait is twice as long as the one before, up to a limit, and by chance up to half of that shorter: the clients of a server that has
// gone shall not all come back in the same moment.

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/** `failed`: how many tries have been in vain. `chance`: from 0 to 1. */
export function waitMs(failed, chance) {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** failed) * (1 - chance / 2);
}
