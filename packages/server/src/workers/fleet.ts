// workers/fleet.ts: what a supervisor knows of its workers, what can happen to them, and what it can be told to do.

import type { Fault } from '@appserve/core';
import { FLEET_MOVES, MEMBER_MOVES, type FleetEvent, type FleetPhase, type MemberEvent, type MemberState } from './moves.ts';

export type { FleetPhase, MemberState } from './moves.ts';

/** Each is a thread, or a process, with a heap of its own: more than any machine has cores is a slip of the hand. */
export const WORKERS_MAX = 1_024;
export const WORKERS_ALLOWED = `a whole number from 1 to ${WORKERS_MAX}`;

export interface Member {
  /** Never used twice: news of a worker that is gone finds nobody. */
  readonly id: number;
  /** Its place in the fleet, 1 to `size`; a replacement takes the same. */
  readonly slot: number;
  readonly state: MemberState;
  /** Of the app and the settings that it was started with; each reload is one more. */
  readonly generation: number;
  /** The worker that ends when this one is ready. */
  readonly replaces: number | undefined;
  /** It hangs: it will not hear that it should drain. */
  readonly isHung: boolean;
  readonly readySinceMs: number;
  /** Of its slot: workers that died young, one after the other, and those of them that never served anybody. */
  readonly youngDeaths: number;
  readonly failedStarts: number;
}

export interface Fleet {
  readonly size: number;
  readonly graceMs: number;
  readonly phase: FleetPhase;
  readonly members: readonly Member[];
  readonly nextId: number;
  /** The newest that serves. */
  readonly generation: number;
  /** The generation that is starting, while a reload is under way, how many it will be, and their grace. */
  readonly reloading: { readonly generation: number; readonly size: number; readonly graceMs: number } | undefined;
  /** An operator has asked it to stop; it may stop of itself, too. */
  readonly isAsked: boolean;
  /** Why it ends, when that is not because somebody asked. */
  readonly fault: Fault | undefined;
  /** What is broken does not end it: it waits to be renewed. For development. */
  readonly isMendable: boolean;
  /** Those who serve stand in for workers that are broken. */
  readonly isStandIn: boolean;
}

export type Happening =
  | { readonly type: 'start' }
  | { readonly type: 'ready'; readonly id: number }
  /** The worker could not load the app; its exit follows. */
  | { readonly type: 'failed'; readonly id: number; readonly error: Error }
  /** `error`: what nobody caught, when it was that. `answered`: how many requests it has answered, where that is known. */
  | {
      readonly type: 'exited';
      readonly id: number;
      readonly code: number;
      readonly error: Error | undefined;
      readonly answered?: number;
    }
  /** A drained worker has used up its grace, and what it may take to end. */
  | { readonly type: 'overdue'; readonly id: number }
  /** It has served long enough: another one takes its place before it ends. */
  | { readonly type: 'recycle'; readonly id: number }
  /** Its event loop does not turn any more. */
  | { readonly type: 'hung'; readonly id: number }
  /** Fresh code: a new generation that is ready before the old one drains. */
  | { readonly type: 'reload'; readonly size: number; readonly graceMs?: number }
  /** Of a mendable one: nobody shall answer with old code. New connections wait, until it is renewed. */
  | { readonly type: 'hold' }
  /** Of a mendable one: a new generation, for which nobody keeps the place. `isStandIn`: in place of one that is broken. */
  | { readonly type: 'renew'; readonly size: number; readonly graceMs: number; readonly isStandIn: boolean }
  | { readonly type: 'scale'; readonly size: number }
  /**
   * Finish what is under way, then end. Patient: others serve from here on, here or behind the same balancer. Asked (when left out): by an
   * operator, whose further word means at once; else it is the server's own wish. `delayMs`: when an operator asks, it goes on serving for
   * so long, since balancers hear of it late, or until he asks again.
   */
  | { readonly type: 'stop'; readonly isPatient?: boolean; readonly isAsked?: boolean; readonly delayMs?: number }
  /** The delay of a stop is over. */
  | { readonly type: 'left' }
  | { readonly type: 'stop-now' };

export type Command =
  | {
      readonly do: 'spawn';
      readonly id: number;
      readonly slot: number;
      readonly generation: number;
      readonly afterMs: number;
      readonly why: SpawnReason;
    }
  /** It may take connections from here on. */
  | { readonly do: 'accept'; readonly id: number }
  /** It goes on accepting, but has clients connect anew for each request. */
  | { readonly do: 'forewarn'; readonly id: number }
  /** Report `left` when that time is over. */
  | { readonly do: 'linger'; readonly forMs: number }
  /**
   * Report `overdue` when it has not ended in that time and a little more. Patient: a request that is on its way on an idle connection
   * is still answered, since others go on serving; else idle connections close at once.
   */
  | { readonly do: 'drain'; readonly id: number; readonly graceMs: number; readonly isPatient: boolean }
  | { readonly do: 'terminate'; readonly id: number }
  /** No new connection shall be queued any more. */
  | { readonly do: 'close-sockets' }
  /** Every worker of the first crew is ready. */
  | { readonly do: 'announce' }
  /** Every worker of the new generation is ready; those before it drain. */
  | { readonly do: 'reloaded'; readonly generation: number }
  /** The old generation goes on. */
  | { readonly do: 'reload-failed'; readonly generation: number; readonly fault: Fault }
  /** A mendable one has nobody left who serves. */
  | { readonly do: 'broken'; readonly fault: Fault }
  | { readonly do: 'finish'; readonly fault: Fault | undefined };

/** first: at the start. death: another one has ended. */
export type SpawnReason = 'first' | 'death' | 'recycle' | 'hung' | 'reload' | 'scale';

export type Step = readonly [Fleet, readonly Command[]];

export function newFleet(size: number, graceMs: number, isMendable = false): Fleet {
  return {
    size,
    graceMs,
    phase: 'starting',
    members: [],
    nextId: 1,
    generation: 1,
    reloading: undefined,
    isAsked: false,
    fault: undefined,
    isMendable,
    isStandIn: false,
  };
}

/** What is known of a worker before it is born. */
export interface Birth {
  readonly slot: number;
  readonly why: SpawnReason;
  readonly generation: number;
  readonly replaces?: number;
  readonly afterMs?: number;
  readonly youngDeaths?: number;
  readonly failedStarts?: number;
}

export function born(fleet: Fleet, births: readonly Birth[]): Step {
  const members = births.map(({ slot, generation, replaces, youngDeaths = 0, failedStarts = 0 }, index): Member => ({
    id: fleet.nextId + index,
    slot,
    state: 'starting',
    generation,
    replaces,
    isHung: false,
    readySinceMs: 0,
    youngDeaths,
    failedStarts,
  }));
  const commands = births.map(({ slot, generation, afterMs = 0, why }, index): Command => {
    return { do: 'spawn', id: fleet.nextId + index, slot, generation, afterMs, why };
  });
  return [{ ...fleet, members: [...fleet.members, ...members], nextId: fleet.nextId + births.length }, commands];
}

export function memberOf(fleet: Fleet, id: number): Member | undefined {
  return fleet.members.find((member) => member.id === id);
}

export function changed(fleet: Fleet, id: number, change: Partial<Member>): Fleet {
  return { ...fleet, members: fleet.members.map((member) => (member.id === id ? { ...member, ...change } : member)) };
}

/** What becomes of a worker by that; nothing when it may not happen to it. Whoever is gone is no member any more. */
export function moved(fleet: Fleet, member: Member, event: MemberEvent): Fleet | undefined {
  const state = MEMBER_MOVES[member.state][event];
  if (state === undefined) return undefined;
  if (state !== 'gone') return changed(fleet, member.id, { state });
  return { ...fleet, members: fleet.members.filter(({ id }) => id !== member.id) };
}

/** What becomes of the fleet by that; nothing when it may not happen to it. */
export function phased(fleet: Fleet, event: FleetEvent): Fleet | undefined {
  const phase = FLEET_MOVES[fleet.phase][event];
  return phase && { ...fleet, phase };
}

export function terminate({ id }: Member): Command {
  return { do: 'terminate', id };
}

/** Those who wait take connections from here on. */
export function accept(fleet: Fleet, isMeant: (member: Member) => boolean): Step {
  const meant = fleet.members.filter((member) => member.state === 'ready' && isMeant(member));
  const commands = meant.map(({ id }): Command => ({ do: 'accept', id }));
  return [meant.reduce((rest, member) => moved(rest, member, 'accept')!, fleet), commands];
}

/** Who serves while all leave says so in each answer. */
export function forewarn(fleet: Fleet, isMeant: (member: Member) => boolean): Step {
  const meant = fleet.phase === 'leaving' ? fleet.members.filter((member) => member.state === 'serving' && isMeant(member)) : [];
  return [fleet, meant.map(({ id }): Command => ({ do: 'forewarn', id }))];
}

/** They finish what they have. One that still loads has only to close what its app has opened; one that hangs hears nothing. */
export function retire(fleet: Fleet, isMeant: (member: Member) => boolean, isPatient = true): Step {
  const meant = fleet.members.filter((member) => MEMBER_MOVES[member.state].retire !== undefined && isMeant(member));
  const commands = meant.map((member): Command =>
    member.isHung
      ? terminate(member)
      : { do: 'drain', id: member.id, graceMs: member.state === 'starting' ? 0 : fleet.graceMs, isPatient },
  );
  return [meant.reduce((rest, member) => moved(rest, member, 'retire')!, fleet), commands];
}

/** One step after the other. */
export function after([fleet, commands]: Step, next: (fleet: Fleet) => Step): Step {
  const [last, more] = next(fleet);
  return [last, [...commands, ...more]];
}
