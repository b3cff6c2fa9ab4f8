// development/terminal.ts: the terminal that a server is developed on. One that is closed sends SIGHUP, which else means: load again.
//
// Source: tty(4). /dev/tty is the controlling terminal of whoever opens it; when that has hung up there is none (ENXIO).

import { closeSync, constants, openSync } from 'node:fs';
import { isatty } from 'node:tty';
import { libc } from '../libc.ts';

const GONE: ReadonlySet<string | undefined> = new Set(['ENXIO', 'EIO']);

export class Terminal {
  readonly #wasThere = whyNot() === undefined;

  readonly #streams = [0, 1, 2].filter((fd) => isatty(fd));

  /**
   * Its descriptors lead nowhere from here on. When Node ends it puts every terminal in order that it was started on, and aborts where one
   * has hung up (ResetStdio of src/node.cc).
   */
  leave(): void {
    const nowhere = openSync('/dev/null', 'r+');
    for (const fd of this.#streams) libc.dup2(nowhere, fd);
    closeSync(nowhere);
  }

  /** There was one when this was made. */
  get isGone(): boolean {
    return this.#wasThere && GONE.has(whyNot());
  }
}

function whyNot(): string | undefined {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDONLY | constants.O_NOCTTY));
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
