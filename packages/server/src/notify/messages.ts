// notify/messages.ts: what is said to a service manager, and what its variables mean, as data. Source: sd_notify(3),
// sd_watchdog_enabled(3), unix(7).

import { Buffer } from 'node:buffer';

const AF_UNIX = 1;
const PATH_BYTES_MAX = 108;
/** What a timer of Node can wait. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export const STOPPING = 'STOPPING=1\nSTATUS=stopping';
export const WATCHDOG = 'WATCHDOG=1';

/** `isWhole`: all servers of the process are ready, and not this one alone. */
export function readyMessage(status: string, isWhole: boolean): string {
  return isWhole ? `READY=1\n${statusMessage(status)}` : statusMessage(status);
}

/** `monotonicUs`: CLOCK_MONOTONIC, without which Type=notify-reload takes no notice. */
export function reloadingMessage(monotonicUs: bigint): string {
  return `RELOADING=1\nMONOTONIC_USEC=${monotonicUs}`;
}

/**
 * Another process is the service from here on. Until this is heard, what that one says of the watchdog is nobody's word (NotifyAccess=main):
 * its whole time begins here.
 */
export function mainPidMessage(pid: number, isWatched: boolean): string {
  return `MAINPID=${pid}\nREADY=1${isWatched ? `\n${WATCHDOG}` : ''}`;
}

/** A line for `systemctl status`. A line end would begin another assignment. */
export function statusMessage(text: string): string {
  return `STATUS=${text.replaceAll(/[\x00-\x1f\x7f]+/g, ' ')}`;
}

/** The sockaddr_un of NOTIFY_SOCKET: a path, or an abstract name behind @. Nothing when it is neither. */
export function notifyAddress(text: string): Buffer | undefined {
  const isAbstract = text.startsWith('@') && text.length > 1;
  if (!isAbstract && !text.startsWith('/')) return undefined;
  // A path ends with NUL, an abstract name with its length.
  const name = Buffer.from(isAbstract ? `\0${text.slice(1)}` : `${text}\0`);
  if (name.length > PATH_BYTES_MAX) return undefined;
  return Buffer.concat([Buffer.from(Uint16Array.of(AF_UNIX).buffer), name]);
}

/**
 * How often WATCHDOG=1 is to be said, in milliseconds: twice as often as the service manager wants it, as it advises. Nothing when
 * it does not, or wants it of another process.
 */
export function watchdogMsOf(
  { WATCHDOG_USEC: usec, WATCHDOG_PID: owner }: Readonly<Record<string, string | undefined>>,
  pid: number,
): number | undefined {
  if (usec === undefined || !/^[0-9]{1,18}$/.test(usec) || Number(usec) === 0) return undefined;
  if (owner !== undefined && owner !== String(pid)) return undefined;
  return Math.min(TIMER_MS_MAX, Math.max(1, Math.floor(Number(usec) / 2_000)));
}
