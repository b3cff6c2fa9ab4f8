// logging/sinks/move-aside.ts: another name for a file, which takes nothing from the file that may have that name already.

import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';

/** What is not there is not moved; what cannot be moved stays, and is appended to. */
export function moveAside(from: string, to: string): void {
  try {
    if (isLinked(from, to)) rmSync(from);
    // It is a moment later that the name is taken: better than to move nothing.
    else if (!existsSync(to)) renameSync(from, to);
  } catch {
    // As said above.
  }
}

/** A link is made only where nothing is, also where two do it at once, which rename(2) does not promise. Some file systems have no links. */
function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false;
  }
}
