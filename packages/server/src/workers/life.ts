// workers/life.ts: the life of a fleet of workers, as a machine: what has happened, and when, becomes what is to be done.
//
// Law: no thread, no timer, no log in here; the supervisor obeys. Every policy of starting, replacing, draining and giving up
// stands in this room, and is tested without a thread.

import { Fault } from '@appserve/core';

/** starting: loading the app. serving: accepting. draining: finishing what it has. */
export type MemberState = 'starting' | 'serving' | 'draining';

export interface Member {
  /** Never used twice: news of a worker that is gone finds nobody. */
  readonly id: number;
  /** Its place in the fleet, 1 to `size`; a replacement takes the same. */
  readonly slot: number;
  readonly state: MemberState;
  readonly readySinceMs: number;
  /** Of its slot: workers that died young, one after the other, and those of them that were never ready. */
  readonly youngDeaths: number;
  readonly failedStarts: number;
}

/** starting: not all have been ready yet. stopping: asked to. over: none is left. */
export type FleetPhase = 'starting' | 'serving' | 'stopping' | 'over';

export interface Fleet {
  readonly size: number;
  readonly graceMs: number;
  readonly phase: FleetPhase;
  readonly members: readonly Member[];
  readonly nextId: number;
  /** Why it ends, when that is not because somebody asked. */
  readonly fault: Fault | undefined;
}

export type Happening =
  | { readonly type: 'start' }
  | { readonly type: 'ready'; readonly id: number }
  /** The worker could not load the app; its exit follows. */
  | { readonly type: 'failed'; readonly id: number; readonly error: Error }
  /** `error`: what nobody caught, when it was that. */
  | { readonly type: 'exited'; readonly id: number; readonly code: number; readonly error: Error | undefined }
  /** Finish what is under way, then end. A second time: at once. */
  | { readonly type: 'stop' }
  | { readonly type: 'grace-over' };

export type Command =
  | { readonly do: 'spawn'; readonly id: number; readonly slot: number; readonly afterMs: number }
  | { readonly do: 'drain'; readonly id: number; readonly graceMs: number }
  | { readonly do: 'terminate'; readonly id: number }
  /** No new connection shall be queued any more. */
  | { readonly do: 'close-sockets' }
  /** Every worker of the first crew is ready. */
  | { readonly do: 'announce' }
  /** Report `grace-over` after that time. */
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'finish'; readonly fault: Fault | undefined };

type Step = readonly [Fleet, readonly Command[]];

/** A worker that ends sooner than this after it was ready has died young. */
const YOUNG_MS = 5_000;
/**
 * So many workers in a row that never came to serving are a crash loop. Those that served do not count: a request that crashes
 * its worker must not end the others.
 */
const FAILED_STARTS_MAX = 10;
const BACK_OFF_FIRST_MS = 100;
const BACK_OFF_MAX_MS = 10_000;
/** What a worker may take beyond the grace of its connections, to end by itself. */
const EXIT_MS = 1_000;

export function newFleet(size: number, graceMs: number): Fleet {
  return { size, graceMs, phase: 'starting', members: [], nextId: 1, fault: undefined };
}

export function supervise(fleet: Fleet, happening: Happening, nowMs: number): Step {
  switch (happening.type) {
    case 'start':
      return start(fleet);
    case 'ready':
      return ready(fleet, happening.id, nowMs);
    case 'failed':
      return failed(fleet, happening.id, happening.error);
    case 'exited':
      return exited(fleet, happening, nowMs);
    case 'stop':
      return stop(fleet);
    case 'grace-over':
      return fleet.phase === 'stopping' ? [fleet, fleet.members.map(terminate)] : [fleet, []];
  }
}

const terminate = ({ id }: Member): Command => ({ do: 'terminate', id });

function start(fleet: Fleet): Step {
  const members = Array.from({ length: fleet.size }, (_, index) => newborn(fleet.nextId + index, index + 1));
  const commands = members.map(({ id, slot }): Command => ({ do: 'spawn', id, slot, afterMs: 0 }));
  return [{ ...fleet, members, nextId: fleet.nextId + fleet.size }, commands];
}

function newborn(id: number, slot: number, youngDeaths = 0, failedStarts = 0): Member {
  return { id, slot, state: 'starting', readySinceMs: 0, youngDeaths, failedStarts };
}

function ready(fleet: Fleet, id: number, nowMs: number): Step {
  // One that became ready while the fleet was told to stop has been told to drain: it stays so.
  const members = fleet.members.map((member): Member =>
    member.id === id && member.state === 'starting' ? { ...member, state: 'serving', readySinceMs: nowMs } : member,
  );
  const isFirstCrewReady = fleet.phase === 'starting' && members.every(({ state }) => state === 'serving');
  return [{ ...fleet, members, phase: isFirstCrewReady ? 'serving' : fleet.phase }, isFirstCrewReady ? [{ do: 'announce' }] : []];
}

/** An app that cannot be loaded at the start will not load at the second try: one error, not a loop. */
function failed(fleet: Fleet, id: number, error: Error): Step {
  const member = fleet.members.find((candidate) => candidate.id === id);
  if (fleet.phase !== 'starting' || member === undefined) return [fleet, []];
  return end({ ...fleet, fault: failureOf(member, error) });
}

function failureOf({ slot }: Member, error: Error): Fault {
  return new Fault('WORKER_FAILED', { worker: `worker-${slot}`, message: error.message }, { cause: error });
}

/** Ends at once, with the fleet's fault. */
function end(fleet: Fleet): Step {
  if (fleet.members.length === 0) return [{ ...fleet, phase: 'over' }, [{ do: 'finish', fault: fleet.fault }]];
  return [{ ...fleet, phase: 'stopping' }, [{ do: 'close-sockets' }, ...fleet.members.map(terminate)]];
}

function exited(fleet: Fleet, { id, code, error }: Happening & { readonly type: 'exited' }, nowMs: number): Step {
  const member = fleet.members.find((candidate) => candidate.id === id);
  if (member === undefined) return [fleet, []];
  const rest: Fleet = { ...fleet, members: fleet.members.filter((candidate) => candidate !== member) };
  if (fleet.phase === 'stopping') return rest.members.length > 0 ? [rest, []] : end(rest);
  // Also of one that is ready already: nobody is served before all are, so what is wrong is told at once.
  if (fleet.phase === 'starting') {
    const worker = `worker-${member.slot}`;
    return end({ ...rest, fault: error === undefined ? new Fault('WORKER_ENDED', { worker, code }) : failureOf(member, error) });
  }
  return replace(rest, member, nowMs);
}

function replace(fleet: Fleet, dead: Member, nowMs: number): Step {
  const wasReady = dead.state !== 'starting';
  const youngDeaths = wasReady && nowMs - dead.readySinceMs >= YOUNG_MS ? 0 : dead.youngDeaths + 1;
  const failedStarts = wasReady ? 0 : dead.failedStarts + 1;
  if (failedStarts >= FAILED_STARTS_MAX) return giveUp(fleet, failedStarts);
  const heir = newborn(fleet.nextId, dead.slot, youngDeaths, failedStarts);
  const members = [...fleet.members, heir];
  const spawn: Command = { do: 'spawn', id: heir.id, slot: heir.slot, afterMs: backOffMs(youngDeaths) };
  return [{ ...fleet, members, nextId: fleet.nextId + 1 }, [spawn]];
}

/** The first death costs no time; each further young one doubles the wait. */
function backOffMs(youngDeaths: number): number {
  return youngDeaths < 2 ? 0 : Math.min(BACK_OFF_FIRST_MS * 2 ** (youngDeaths - 2), BACK_OFF_MAX_MS);
}

/** The others answer what they have under way. */
function giveUp(fleet: Fleet, crashes: number): Step {
  return drain({ ...fleet, fault: new Fault('WORKERS_CRASHING', { crashes }) });
}

function stop(fleet: Fleet): Step {
  if (fleet.phase === 'over') return [fleet, []];
  if (fleet.phase === 'stopping') return [fleet, fleet.members.map(terminate)];
  return drain(fleet);
}

function drain(fleet: Fleet): Step {
  if (fleet.members.length === 0) return end(fleet);
  const members = fleet.members.map((member): Member => (member.state === 'serving' ? { ...member, state: 'draining' } : member));
  const commands = fleet.members.map((member): Command =>
    // One that still loads has no connection to lose.
    member.state === 'serving' ? { do: 'drain', id: member.id, graceMs: fleet.graceMs } : terminate(member),
  );
  const wait: Command = { do: 'wait', ms: fleet.graceMs + EXIT_MS };
  return [{ ...fleet, phase: 'stopping', members }, [{ do: 'close-sockets' }, ...commands, wait]];
}
