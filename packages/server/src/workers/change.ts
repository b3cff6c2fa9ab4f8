// workers/change.ts: a fleet that changes while it serves: fresh code, more or fewer workers, one that has served its time or hangs.
//
// Law: whoever is to go stays until whoever takes the place is ready.

import { Fault } from '@appserve/core';
import {
  accept,
  after,
  born,
  changed,
  memberOf,
  retire,
  terminate,
  type Birth,
  type Fleet,
  type Member,
  type Step,
} from './fleet.ts';

const NOTHING = (fleet: Fleet): Step => [fleet, []];

/** While one is under way there is no other: the supervisor reads the configuration once more when it is done. */
export function reload(fleet: Fleet, size: number, graceMs = fleet.graceMs): Step {
  if (fleet.phase !== 'serving' || fleet.reloading !== undefined) return NOTHING(fleet);
  const generation = Math.max(fleet.generation, ...fleet.members.map((member) => member.generation)) + 1;
  const births = slots(size).map((slot): Birth => ({ slot, generation, why: 'reload' }));
  return born({ ...fleet, reloading: { generation, size, graceMs } }, births);
}

function slots(size: number): number[] {
  return Array.from({ length: size }, (_, index) => index + 1);
}

/** When the last of a new generation is ready, those before it go. */
export function reloadedWhenReady(fleet: Fleet): Step {
  if (fleet.reloading === undefined) return NOTHING(fleet);
  const { generation, size, graceMs } = fleet.reloading;
  const fresh = fleet.members.filter((member) => member.generation === generation && member.slot <= size);
  if (fresh.some(({ state }) => state === 'starting')) return NOTHING(fleet);
  const done: Fleet = { ...fleet, size, graceMs, generation, reloading: undefined };
  const accepted = accept(done, (member) => member.generation === generation);
  return after(accepted, (serving) => {
    const [retired, commands] = retire(serving, (member) => member.generation < generation);
    return [retired, [{ do: 'reloaded', generation }, ...commands]];
  });
}

/** One of the new generation cannot: all of it ends, and the old one goes on. */
export function reloadFailed(fleet: Fleet, { generation }: Member, fault: Fault): Step {
  const without: Fleet = { ...fleet, reloading: undefined };
  return after([without, [{ do: 'reload-failed', generation, fault }]], () =>
    retire(without, (member) => member.generation === generation),
  );
}

export function scale(fleet: Fleet, size: number): Step {
  if (fleet.phase !== 'serving' || size < 1) return NOTHING(fleet);
  const { generation, reloading } = fleet;
  const more = (from: number, of: number): Birth[] =>
    slots(size)
      .filter((slot) => slot > from)
      .map((slot) => ({ slot, generation: of, why: 'scale' }));
  // A generation that is under way too: it is complete when all of the new size are there.
  const births = [
    // Where nobody keeps the place for it there is no other.
    ...(fleet.isMendable && reloading !== undefined ? [] : more(fleet.size, generation)),
    ...(reloading === undefined ? [] : more(reloading.size, reloading.generation)),
  ];
  const resized: Fleet = { ...fleet, size, reloading: reloading && { ...reloading, size } };
  return after(born(resized, births), (grown) =>
    after(
      retire(grown, ({ slot }) => slot > size),
      reloadedWhenReady,
    ),
  );
}

/** Another one is started in its place; it drains when that one is ready. */
export function recycle(fleet: Fleet, id: number): Step {
  return replaceWhenReady(fleet, id, 'recycle');
}

/** The same; but it cannot be asked to drain. */
export function hung(fleet: Fleet, id: number): Step {
  const member = memberOf(fleet, id);
  if (member === undefined || member.isHung) return NOTHING(fleet);
  // One that was to go goes now.
  if (fleet.phase !== 'serving' || member.state === 'draining')
    return [changed(fleet, id, { isHung: true }), [terminate(member)]];
  const known = changed(fleet, id, { isHung: true });
  // It waits for the others of a new generation: those before it work.
  if (member.state === 'ready') return reloadFailed(known, member, new Fault('WORKER_HUNG', { worker: `worker-${member.slot}` }));
  return replaceWhenReady(known, id, 'hung');
}

function replaceWhenReady(fleet: Fleet, id: number, why: 'recycle' | 'hung'): Step {
  const member = memberOf(fleet, id);
  if (fleet.phase !== 'serving' || member?.state !== 'serving') return NOTHING(fleet);
  // A whole generation is on its way in its place, or one already is.
  if (fleet.reloading !== undefined && member.generation < fleet.reloading.generation && why === 'recycle') return NOTHING(fleet);
  if (fleet.members.some(({ replaces }) => replaces === id)) return NOTHING(fleet);
  return born(fleet, [{ slot: member.slot, generation: member.generation, replaces: id, why }]);
}

/** Somebody is ready in the place of another one, who goes now. */
export function replacedWhenReady(fleet: Fleet, { replaces }: Member): Step {
  return replaces === undefined ? NOTHING(fleet) : retire(fleet, ({ id }) => id === replaces);
}
