// listen/heirlooms.ts: the listening sockets that a process leaves to the one that takes its place, as text in one variable.
//
// Law: read once, and gone then: no worker and no program of the app takes them for its own.

/** What stands in the variable. */
export interface Testament {
  /** The process that leaves. */
  readonly pid: number;
  /** Where it is told that its heir serves: a pipe. */
  readonly readyFd: number;
  readonly sockets: readonly Heirloom[];
}

/** The sockets of one address, as the option spelled it. */
export interface Heirloom {
  readonly written: string;
  readonly descriptors: readonly number[];
}

export const VARIABLE = 'APPSERVE_SUCCEEDS';

/** Nothing when there is none, or when it was meant for somebody else: `parentPid` is who started this process. */
export function readTestament(text: string | undefined, parentPid: number): Testament | undefined {
  if (text === undefined) return undefined;
  const read = JSON.parse(text) as Testament;
  return read.pid === parentPid ? read : undefined;
}

let ofProcess: { readonly testament: Testament | undefined; readonly left: Heirloom[] } | undefined;

function inherited(): NonNullable<typeof ofProcess> {
  if (ofProcess === undefined) {
    const found = readTestament(process.env[VARIABLE], process.ppid);
    delete process.env[VARIABLE];
    ofProcess = { testament: found, left: [...(found?.sockets ?? [])] };
  }
  return ofProcess;
}

/** Of the process that this one takes the place of. */
export function testament(): Testament | undefined {
  return inherited().testament;
}

/** The descriptors that were left for an address; each can be had once. */
export function takeHeirloom(written: string): readonly number[] | undefined {
  const { left } = inherited();
  const index = left.findIndex((one) => one.written === written);
  return index === -1 ? undefined : left.splice(index, 1)[0]!.descriptors;
}

let isHeir = false;

/** From here on the files of those sockets are this process's to remove. Until then the other one may have to go on with them. */
export function inherit(): void {
  isHeir = true;
}

export function hasInherited(): boolean {
  return isHeir;
}

/** Those that nobody wanted: an address that the configuration has no more. */
export function leftovers(): readonly number[] {
  return inherited()
    .left.splice(0)
    .flatMap(({ descriptors }) => descriptors);
}
