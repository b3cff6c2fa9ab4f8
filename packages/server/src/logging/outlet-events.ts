// logging/outlet-events.ts: how a thread of this process calls the log thread, and waits for it where it shall.

import type { Bell } from './bell.ts';
import type { OutletEvents } from './outlet.ts';

/**
 * No record is waited for any longer, and none as long as the one before was waited for in vain and is not written yet: the log may have a
 * reader that has stopped, and a server has clients.
 */
const WAIT_MS = 1_000;

export function eventsOf(bell: Bell, waits: boolean): OutletEvents {
  const filled = (): void => bell.ring();
  if (!waits) return { filled };
  const limitMs = (): number => (bell.vainSinceMs === undefined || bell.isWritten ? WAIT_MS : 0);
  return { filled, wait: (isTaken) => void bell.wait(() => isTaken() && bell.isWritten, limitMs()) };
}
