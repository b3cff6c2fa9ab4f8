// listen/passed-sockets.ts: what systemd says of the sockets that it passes: LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES.
// Source: sd_listen_fds(3).
//
// Law: the variables are meant for one process and read once. Then they are gone from the environment, so that neither workers nor
// programs that the app starts take descriptors for theirs that are not.

import { Fault, nearest, orList } from '@appserve/core';
import { testament } from './heirlooms.ts';

export interface PassedSocket {
  readonly fd: number;
  /** FileDescriptorName=, which is the name of the socket unit where nobody set it; several may have one. */
  readonly name: string;
}

type Environment = Record<string, string | undefined>;

/** SD_LISTEN_FDS_START. */
const FIRST_DESCRIPTOR = 3;
/** sd_listen_fds_with_names(3), where nobody named them. */
const UNNAMED = 'unknown';
/** The last one is of newer systemd. */
const VARIABLES = ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_PIDFDID'] as const;

/** `name`: which of them is wanted, for the hint. Faults: SOCKETS_NOT_PASSED. */
export function readPassedSockets(environment: Environment, pid: number, name?: string): readonly PassedSocket[] {
  const { LISTEN_PID: owner, LISTEN_FDS: many, LISTEN_FDNAMES: names } = environment;
  if (many === undefined || owner === undefined) throw refused('systemd passed none', HINTS.start(name));
  if (!/^[0-9]+$/.test(owner)) throw refused(`LISTEN_PID=${owner} is no process id`);
  if (Number(owner) !== pid)
    throw refused(`they are for process ${Number(owner)} (LISTEN_PID), and this is process ${pid}`, HINTS.direct());
  if (!/^[0-9]{1,9}$/.test(many)) throw refused(`LISTEN_FDS=${many} is no number`);
  const count = Number(many);
  if (count === 0) throw refused('systemd passed none: LISTEN_FDS=0', HINTS.start(name));
  const list = names?.split(':');
  if (list !== undefined && list.length !== count)
    throw refused(`LISTEN_FDNAMES=${names} has ${list.length} names, but LISTEN_FDS=${count}`);
  return Array.from({ length: count }, (_, index) => ({ fd: FIRST_DESCRIPTOR + index, name: list?.[index] ?? UNNAMED }));
}

/** Those of one name, or all, in their order. Faults: SOCKETS_NOT_PASSED. */
export function chosen(passed: readonly PassedSocket[], name: string | undefined): readonly PassedSocket[] {
  if (name === undefined) return passed;
  const found = passed.filter((socket) => socket.name === name);
  if (found.length > 0) return found;
  const names = [...new Set(passed.map((socket) => socket.name))];
  const guess = nearest(name, names);
  throw new Fault('SOCKETS_NOT_PASSED', {
    why: `none of them is named ${name}`,
    hint:
      guess === undefined
        ? `systemd passed ${orList(names)}: set FileDescriptorName= in the socket unit`
        : `did you mean ${guess}?`,
  });
}

const HINTS = {
  /** Sockets that are tried without a unit have the name that is given beside them. */
  start: (name: string | undefined) =>
    `start the socket unit, not the service alone; to try it: systemd-socket-activate -l 8080${name === undefined ? '' : ` --fdname=${name}`} appserve CONFIG`,
  direct: () => 'let ExecStart= run Node or appserve itself: npm, npx and shells run it as another process',
} as const;

function refused(why: string, hint?: string): Fault {
  return new Fault('SOCKETS_NOT_PASSED', { why, hint });
}

let variables: Environment | undefined;

/** Taken out of the environment when they are asked for first. */
function takenVariables(): Environment {
  if (variables === undefined) {
    variables = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));
    for (const name of VARIABLES) delete process.env[name];
  }
  return variables;
}

/** Whether sockets were passed to this process, or to the one whose place it takes. */
export function arePassed(): boolean {
  try {
    passedSockets();
    return true;
  } catch {
    return testament()?.sockets.some(({ written }) => written === 'systemd') === true;
  }
}

/** What was passed to this process; `name`: which of them is wanted. Faults: SOCKETS_NOT_PASSED, each time. */
export function passedSockets(name?: string): readonly PassedSocket[] {
  return readPassedSockets(takenVariables(), process.pid, name);
}
