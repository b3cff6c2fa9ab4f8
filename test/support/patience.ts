// patience.ts: how long a test waits for what has to come, before it fails and says what did not.

/** Far more than anything takes: a machine that has much else to do stops a program for seconds, and what it does takes five times as long. */
export const PATIENCE_MS = 40_000;
