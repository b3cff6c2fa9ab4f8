// connection/last-comers.ts: the moment at which a listening socket may be closed so that hardly anybody is hurt.
//
// Whoever waits in the kernel's queue has been told that he is connected, and may have sent his request: closing the socket would reset
// him, and a proxy does not dare to ask twice for what must not be done twice. The kernel knows no way to close the queue and to keep
// what is in it; so it is closed at the end of a turn of the loop that was short and brought nobody.

import { setImmediate as nextTurn } from 'node:timers/promises';

/** As long as every turn brings somebody, for so long; then the queue is closed with whoever is in it. A busy machine needs it for a few. */
const LIMIT_MS = 2_000;
/** From then on a turn that brought nobody is enough, however long it was. */
const SHORT_TURNS_MS = 200;
/** A turn in which next to nothing was done: between its look at the queue and its end hardly anybody can have come. */
const SHORT_TURN_MS = 0.05;

/** Resolves in that moment. `accepted`: how many have come up to now. */
export async function lastComers(accepted: () => number): Promise<void> {
  // The turn that we are in may have looked already.
  await nextTurn();
  const beganMs = performance.now();
  for (;;) {
    const [before, sinceMs] = [accepted(), performance.now()];
    // libuv accepts one in a turn, if there is any.
    await nextTurn();
    const nowMs = performance.now();
    const isLate = nowMs - beganMs > SHORT_TURNS_MS;
    if (accepted() === before && (isLate || nowMs - sinceMs < SHORT_TURN_MS)) return;
    if (nowMs - beganMs > LIMIT_MS) return;
  }
}
