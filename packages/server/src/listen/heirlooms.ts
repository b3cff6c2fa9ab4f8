// listen/heirlooms.ts: the listening sockets that a process leaves to the one that takes its place, as text in one variable.
//
// Law: read once, and gone then: no worker and no program of the app takes them for its own.

import type { OwnFile } from '../own-file.ts';
import { isAlive } from '../process/alive.ts';

/** What stands in the variable. */
export interface Testament {
  /** The process that leaves. */
  readonly pid: number;
  /** Where it is told that its heir serves: a pipe. */
  readonly readyFd: number;
  /** How many servers it had: a script may start as many one after the other. */
  readonly servers: number;
  readonly sockets: readonly Heirloom[];
  /** Older versions leave none. */
  readonly byHand?: readonly ByHand[];
}

/** What an operator has changed in a server while it ran. */
export interface ByHand {
  /** The first address of the server. */
  readonly written: string;
  /** How many there are, and how many the configuration said. */
  readonly workers: { readonly now: number; readonly said: number };
  /** By the name of the logger. */
  readonly levels: Readonly<Record<string, string>>;
}

/** The sockets of one address, as the option spelled it. */
export interface Heirloom {
  readonly written: string;
  readonly descriptors: readonly number[];
  /** Of a unix socket that appserve has bound itself. */
  readonly file?: OwnFile;
}

export const VARIABLE = 'APPSERVE_SUCCEEDS';

/**
 * Nothing when there is none, or when it was meant for somebody else: `isParent` tells of a process whether it started this one. `junk`:
 * nobody who leaves something writes that.
 */
export function readTestament(text: string | undefined, isParent: (pid: number) => boolean): Testament | 'junk' | undefined {
  if (text === undefined) return undefined;
  const read = parsed(text);
  if (!isTestament(read)) return 'junk';
  return isParent(read.pid) ? read : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isTestament(value: unknown): value is Testament {
  const { pid, readyFd, servers, sockets, byHand = [] } = (value ?? {}) as Record<string, unknown>;
  return isNumber(pid) && isNumber(readyFd) && isNumber(servers) && isListOf(isHeirloom, sockets) && isListOf(isByHand, byHand);
}

function isListOf(isOne: (value: unknown) => boolean, value: unknown): boolean {
  return Array.isArray(value) && value.every(isOne);
}

function isHeirloom(value: unknown): value is Heirloom {
  const { written, descriptors, file } = (value ?? {}) as Record<string, unknown>;
  return typeof written === 'string' && isListOf(isNumber, descriptors) && (file === undefined || isOwnFile(file));
}

function isOwnFile(value: unknown): value is OwnFile {
  const { path, dev, ino } = (value ?? {}) as Record<string, unknown>;
  return typeof path === 'string' && typeof dev === 'number' && typeof ino === 'number';
}

function isByHand(value: unknown): value is ByHand {
  const { written, workers, levels } = (value ?? {}) as Record<string, unknown>;
  const { now, said } = (workers ?? {}) as Record<string, unknown>;
  const words = Object.values(levels ?? {}) as unknown[];
  return typeof written === 'string' && isNumber(now) && isNumber(said) && words.every((word) => typeof word === 'string');
}

/** A process id, a descriptor behind the standard streams, or how many there are: an int of C, and not 0. */
function isNumber(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 31;
}

let ofProcess:
  | { readonly testament: Testament | undefined; readonly isJunk: boolean; readonly left: Heirloom[]; readonly byHand: ByHand[] }
  | undefined;

function inherited(): NonNullable<typeof ofProcess> {
  if (ofProcess === undefined) {
    // One that has ended already is nobody's parent any more.
    const found = readTestament(process.env[VARIABLE], (pid) => pid === process.ppid || !isAlive(pid));
    delete process.env[VARIABLE];
    const will = found === 'junk' ? undefined : found;
    ofProcess = {
      testament: will,
      isJunk: found === 'junk',
      left: [...(will?.sockets ?? [])],
      byHand: [...(will?.byHand ?? [])],
    };
  }
  return ofProcess;
}

/** Of the process that this one takes the place of. */
export function testament(): Testament | undefined {
  return inherited().testament;
}

/** The variable was there and held something else, which is ignored. */
export function isTestamentJunk(): boolean {
  return inherited().isJunk;
}

/** Of addresses that nobody has taken yet. */
export function heirloomsLeft(): readonly Heirloom[] {
  return inherited().left;
}

/** What was left for an address; each can be had once. */
export function takeHeirloom(written: string): Heirloom | undefined {
  const { left } = inherited();
  const index = left.findIndex((one) => one.written === written);
  return index === -1 ? undefined : left.splice(index, 1)[0];
}

/** What was changed by hand in the server whose first address that was; it can be had once. */
export function takeByHand(written: string): ByHand | undefined {
  const { byHand } = inherited();
  const index = byHand.findIndex((one) => one.written === written);
  return index === -1 ? undefined : byHand.splice(index, 1)[0];
}

let isHeir = false;

/** From here on the files of those sockets are this process's to remove. Until then the other one may have to go on with them. */
export function inherit(): void {
  isHeir = true;
}

/** Also where the other one is gone: there is nobody else who could remove them. */
export function hasInherited(): boolean {
  return isHeir || process.ppid !== testament()?.pid;
}

/** Those that nobody wanted: an address that the configuration has no more. */
export function leftovers(): readonly Heirloom[] {
  return inherited().left.splice(0);
}
