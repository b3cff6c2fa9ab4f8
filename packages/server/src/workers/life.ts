// workers/life.ts: the life of a fleet of workers, as a machine: what has happened, and when, becomes what is to be done.
//
// Law: no thread, no timer, no log in here; the supervisor obeys. Every policy of starting, replacing, draining and giving up
// stands in this room and in change.ts, and is tested without a thread.

import { Fault } from '@appserve/core';
import { hold, renew } from './mend.ts';
import { hung, recycle, reload, reloadedWhenReady, reloadFailed, replacedWhenReady, scale } from './change.ts';
import {
  accept,
  after,
  born,
  changed,
  forewarn,
  memberOf,
  moved,
  phased,
  retire,
  terminate,
  type Birth,
  type Command,
  type Fleet,
  type Happening,
  type Member,
  type Step,
} from './fleet.ts';

export { newFleet, type Command, type Fleet, type FleetPhase, type Happening, type Member } from './fleet.ts';

/** A worker that ends sooner than this after it was ready has died young. */
const YOUNG_MS = 5_000;
/**
 * So many workers in a row that never came to serving are a crash loop. Those that have answered somebody do not count: a request
 * that crashes its worker must not end the others.
 */
const FAILED_STARTS_MAX = 10;
const BACK_OFF_FIRST_MS = 100;
const BACK_OFF_MAX_MS = 10_000;

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
    case 'overdue':
      return overdue(fleet, happening.id);
    case 'recycle':
      return recycle(fleet, happening.id);
    case 'hung':
      return hung(fleet, happening.id);
    case 'reload':
      return reload(fleet, happening.size, happening.graceMs);
    case 'hold':
      return hold(fleet);
    case 'renew':
      return renew(fleet, happening);
    case 'scale':
      return scale(fleet, happening.size);
    case 'stop':
      return stop(fleet, happening);
    case 'left':
      return left(fleet);
    case 'stop-now':
      return stopNow(fleet);
  }
}

function start(fleet: Fleet): Step {
  if (fleet.isMendable) return renew(fleet, { size: fleet.size, graceMs: fleet.graceMs, isStandIn: false });
  return born(
    fleet,
    Array.from({ length: fleet.size }, (_, index): Birth => ({ slot: index + 1, generation: fleet.generation, why: 'first' })),
  );
}

function ready(fleet: Fleet, id: number, nowMs: number): Step {
  const member = memberOf(fleet, id);
  const loaded = member && moved(fleet, member, 'ready');
  // One that became ready while the fleet was told to stop has been told to end: it stays so.
  if (member === undefined || loaded === undefined) return [fleet, []];
  const known = changed(loaded, id, { readySinceMs: nowMs });
  const complete = phased(known, 'ready');
  if (complete !== undefined) {
    const isFirstCrewReady = known.members.every(({ state }) => state === 'ready');
    return isFirstCrewReady
      ? after(
          accept(complete, () => true),
          (serving) => [serving, [{ do: 'announce' }]],
        )
      : [known, []];
  }
  // Of a new generation nobody is heard before all are ready: one that fails takes the others with it.
  if (member.generation === fleet.reloading?.generation) return reloadedWhenReady(known);
  const accepted = after(
    accept(known, (one) => one.id === id),
    (serving) => forewarn(serving, (one) => one.id === id),
  );
  return after(
    after(accepted, (serving) => replacedWhenReady(serving, member)),
    reloadedWhenReady,
  );
}

/** An app that cannot be loaded at the start will not load at the second try: one error, not a loop. */
function failed(fleet: Fleet, id: number, error: Error): Step {
  const member = memberOf(fleet, id);
  if (member === undefined) return [fleet, []];
  if (fleet.isMendable) return member.state === 'draining' ? [fleet, []] : broken(fleet, failureOf(member, error));
  if (fleet.phase === 'starting') return abandon({ ...fleet, fault: failureOf(member, error) });
  return member.generation === fleet.reloading?.generation ? reloadFailed(fleet, member, failureOf(member, error)) : [fleet, []];
}

function failureOf({ slot }: Member, error: Error): Fault {
  return new Fault('WORKER_FAILED', { worker: `worker-${slot}`, message: error.message }, { cause: error });
}

function whyEnded(member: Member, error: Error | undefined, code: number): Fault {
  if (error !== undefined) return failureOf(member, error);
  return new Fault('WORKER_ENDED', { worker: `worker-${member.slot}`, code, hasServed: member.state === 'serving' });
}

/** Nobody has been served yet: no grace, but apps that have started may close. */
function abandon(fleet: Fleet): Step {
  return drain({ ...fleet, graceMs: 0 }, 'fail');
}

/** Whoever serves with the same code is as broken. Where those who stand in fail, nothing can be shown any more. */
function broken(fleet: Fleet, fault: Fault): Step {
  if (fleet.phase !== 'serving') return [fleet, []];
  if (fleet.isStandIn) return drain({ ...fleet, fault }, 'fail');
  return after(hold(fleet), (held) => [held, [{ do: 'broken', fault }]]);
}

function over(fleet: Fleet): Step {
  const ended = phased(fleet, 'empty');
  return ended === undefined ? [fleet, []] : [ended, [{ do: 'finish', fault: fleet.fault }]];
}

type Exited = Happening & { readonly type: 'exited' };

function exited(fleet: Fleet, happening: Exited, nowMs: number): Step {
  const member = memberOf(fleet, happening.id);
  if (member === undefined) return [fleet, []];
  const { error, code } = happening;
  const rest = moved(fleet, member, 'exit')!;
  if (fleet.phase === 'stopping') return rest.members.length > 0 ? [rest, []] : over(rest);
  // Also of one that is ready already: nobody is served before all are, so what is wrong is told at once.
  if (fleet.phase === 'starting') {
    return abandon({ ...rest, fault: whyEnded(member, error, code) });
  }
  if (member.state === 'draining') return [rest, []];
  if (fleet.isMendable) return broken(rest, whyEnded(member, error, code));
  // Also one that is ready already: with those before it there is somebody who works.
  if (member.generation === fleet.reloading?.generation) return reloadFailed(rest, member, whyEnded(member, error, code));
  return replace(rest, member, happening, nowMs);
}

/** Unless another one is there, or on its way, in its place. */
function replace(fleet: Fleet, dead: Member, { answered }: Exited, nowMs: number): Step {
  const heir = fleet.members.find(({ replaces }) => replaces === dead.id);
  const heldBy = fleet.members.find(({ id }) => id === dead.replaces);
  if (heir !== undefined || dead.slot > fleet.size) return [fleet, []];
  // Who should have taken its place did not come up: one that hangs is of no use, another one goes on.
  if (heldBy !== undefined) return heldBy.isHung ? [fleet, [terminate(heldBy)]] : [fleet, []];
  const wasReady = dead.state !== 'starting';
  const isYoung = !wasReady || nowMs - dead.readySinceMs < YOUNG_MS;
  const hasServed = wasReady && (!isYoung || answered !== 0);
  const youngDeaths = isYoung ? dead.youngDeaths + 1 : 0;
  const failedStarts = hasServed ? 0 : dead.failedStarts + 1;
  if (failedStarts >= FAILED_STARTS_MAX) return giveUp(fleet, failedStarts);
  const { slot, generation } = dead;
  return born(fleet, [{ slot, generation, why: 'death', youngDeaths, failedStarts, afterMs: backOffMs(youngDeaths) }]);
}

/** The first death costs no time; each further young one doubles the wait. */
function backOffMs(youngDeaths: number): number {
  return youngDeaths < 2 ? 0 : Math.min(BACK_OFF_FIRST_MS * 2 ** (youngDeaths - 2), BACK_OFF_MAX_MS);
}

/** The others answer what they have under way. */
function giveUp(fleet: Fleet, crashes: number): Step {
  return drain({ ...fleet, fault: new Fault('WORKERS_CRASHING', { crashes }) }, 'fail');
}

function overdue(fleet: Fleet, id: number): Step {
  const member = memberOf(fleet, id);
  return member?.state === 'draining' ? [fleet, [terminate(member)]] : [fleet, []];
}

/**
 * One that drains of itself has not been asked yet: only a further request of an operator cuts what is under way. Where there is a delay,
 * the second one ends it, and the third one cuts.
 */
function stop(fleet: Fleet, { isPatient = false, isAsked = true, delayMs = 0 }: Happening & { readonly type: 'stop' }): Step {
  if (isAsked && delayMs > 0) {
    const leaving = phased({ ...fleet, isAsked }, 'leave');
    if (leaving !== undefined) return leave(leaving, delayMs);
  }
  // Its own wish hurries nobody.
  if (!isAsked && fleet.phase === 'leaving') return [fleet, []];
  if (fleet.phase !== 'stopping') return drain({ ...fleet, isAsked }, 'stop', isPatient);
  if (!isAsked) return [fleet, []];
  return fleet.isAsked ? stopNow(fleet) : [{ ...fleet, isAsked }, []];
}

/** Whoever serves goes on. A new generation does not come any more: it would be code that nobody has seen yet. */
function leave(fleet: Fleet, delayMs: number): Step {
  const without: Fleet = { ...fleet, reloading: undefined };
  return after([without, [{ do: 'linger', forMs: delayMs }]], (leaving) =>
    after(
      retire(leaving, ({ generation }) => generation > fleet.generation),
      (rest) => forewarn(rest, () => true),
    ),
  );
}

/** Balancers know by now. Patient: a connection that they keep may bring one more request, which is on its way. */
function left(fleet: Fleet): Step {
  return fleet.phase === 'leaving' ? drain(fleet, 'stop', true) : [fleet, []];
}

function stopNow(fleet: Fleet): Step {
  const stopping = phased(fleet, 'stop');
  if (stopping === undefined) return [fleet, fleet.members.map(terminate)];
  if (fleet.members.length === 0) return over(fleet);
  // Nobody is asked to finish anything: those who drain already are terminated with the others.
  const [retired] = retire({ ...stopping, reloading: undefined }, () => true);
  return [retired, [{ do: 'close-sockets' }, ...retired.members.map(terminate)]];
}

function drain(fleet: Fleet, why: 'stop' | 'fail', isPatient = false): Step {
  const stopping = phased(fleet, why);
  if (stopping === undefined) return [fleet, []];
  if (fleet.members.length === 0) return over(fleet);
  const closing: readonly Command[] = [{ do: 'close-sockets' }];
  return after([{ ...stopping, reloading: undefined }, closing], (ending) => retire(ending, () => true, isPatient));
}
