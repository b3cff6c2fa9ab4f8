// workers/hang.ts: how it is told that a worker hangs: for how long, in which request, and where in the code.

import type { Hung } from './heartbeat.ts';
import type { Readings } from './scoreboard.ts';
import type { StackOf } from './stack-of.ts';

/** A log message: its first line, and the stack behind it. `nowMs`: on the clock of the readings. */
export function describeHang(
  name: string,
  { silentMs }: Pick<Hung, 'silentMs'>,
  readings: Work,
  stack: StackOf,
  nowMs: number,
): string {
  const said = `${name} has not turned its event loop for ${Math.round(silentMs / 1_000)} s (worker_timeout), ${workOf(readings, nowMs)}`;
  return stack.type === 'stack' ? `${said}\n${stack.stack}` : `${said}; its stack could not be had: ${stack.why}`;
}

type Work = Pick<Readings, 'call' | 'oldest' | 'callsUnderWay'>;

/** The request whose function runs is surely the one. Behind an `await` it is one of those under way. */
function workOf({ call, oldest, callsUnderWay }: Work, nowMs: number): string {
  if (call !== undefined) return `in ${call.request}`;
  if (oldest === undefined) return 'with no request under way';
  const since = `${oldest.request} (for ${Math.round((nowMs - oldest.sinceMs) / 1_000)} s)`;
  const others = callsUnderWay - 1;
  if (others <= 0) return `with ${since} under way`;
  return `with ${since} and ${others} ${others === 1 ? 'other request' : 'other requests'} under way`;
}
