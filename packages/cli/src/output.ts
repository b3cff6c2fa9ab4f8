// output.ts: what becomes of a command whose output cannot be written. A server has rules of its own: it goes on.

import { EXIT_CODES } from './exit-codes.ts';

/** Who reads may have had enough, as in `appserve options | head`: that is no error. A full disk is one. */
export function heedOutput(): void {
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return;
    process.stderr.write(`appserve: what is said cannot be written: ${message}\n`);
    // Whatever the command gives as its code, at the same time or later.
    process.once('exit', () => {
      process.exitCode = EXIT_CODES.start.code;
    });
  });
}
