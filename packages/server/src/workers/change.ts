// workers/change.ts: a fleet that changes while it serves: fresh code, more or fewer workers, one that has served its time or hangs.
//
// Law: whoever is to go stays until whoever takes the place is ready.

import { Fault } from '@appserve/core';
import { after, born, changed, memberOf, retire, terminate, type Birth, type Fleet, type Member, type Step } from './fleet.ts';

const NOTHING = (fleet: Fleet): Step => [fleet, []];

/** Many in a row are two: the one under way, and one more for what has changed since. */
export function reload(fleet: Fleet): Step {
  if (fleet.phase !== 'serving') return NOTHING(fleet);
  if (fleet.reload !== undefined) return NOTHING({ ...fleet, reload: { ...fleet.reload, isAskedAgain: true } });
  const generation = Math.max(fleet.generation, ...fleet.members.map((member) => member.generation)) + 1;
  const births = slots(fleet).map((slot): Birth => ({ slot, generation, why: 'reload' }));
  return born({ ...fleet, reload: { generation, isAskedAgain: false } }, births);
}

function slots({ size }: Fleet): number[] {
  return Array.from({ length: size }, (_, index) => index + 1);
}

/** When the last of a new generation is ready, those before it go. */
export function reloadedWhenReady(fleet: Fleet): Step {
  const { reload: under } = fleet;
  if (under === undefined) return NOTHING(fleet);
  const fresh = fleet.members.filter(({ generation }) => generation === under.generation);
  if (!fresh.every(({ state }) => state === 'serving')) return NOTHING(fleet);
  const { generation } = under;
  const done: Fleet = { ...fleet, generation, reload: undefined };
  const old = retire(done, (member) => member.generation < generation);
  return after(after([done, [{ do: 'reloaded', generation }]], () => old), askAgain(under.isAskedAgain));
}

/** One of the new generation cannot: all of it ends, and the old one goes on. */
export function reloadFailed(fleet: Fleet, member: Member, error: Error | undefined, code: number): Step {
  const { generation, isAskedAgain } = fleet.reload!;
  const worker = `worker-${member.slot}`;
  const fault =
    error === undefined
      ? new Fault('WORKER_ENDED', { worker, code })
      : new Fault('WORKER_FAILED', { worker, message: error.message }, { cause: error });
  const without: Fleet = { ...fleet, reload: undefined };
  const ended = retire(without, (candidate) => candidate.generation === generation);
  return after(after([without, [{ do: 'reload-failed', generation, fault }]], () => ended), askAgain(isAskedAgain));
}

function askAgain(isAsked: boolean) {
  return (fleet: Fleet): Step => [fleet, isAsked ? [{ do: 'reload-again' }] : []];
}

export function scale(fleet: Fleet, size: number): Step {
  if (fleet.phase !== 'serving' || size < 1) return NOTHING(fleet);
  const larger: Fleet = { ...fleet, size };
  // Those of a generation under way too: it is complete when all of the new size are there.
  const generations = fleet.reload === undefined ? [fleet.generation] : [fleet.generation, fleet.reload.generation];
  const births = generations.flatMap((generation) =>
    slots(larger)
      .filter((slot) => slot > fleet.size)
      .map((slot): Birth => ({ slot, generation, why: 'scale' })),
  );
  return after(born(larger, births), (grown) => after(retire(grown, ({ slot }) => slot > size), reloadedWhenReady));
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
  if (fleet.phase !== 'serving' || member.state === 'draining') return [changed(fleet, id, { isHung: true }), [terminate(member)]];
  return after(NOTHING(changed(fleet, id, { isHung: true })), (known) => replaceWhenReady(known, id, 'hung'));
}

function replaceWhenReady(fleet: Fleet, id: number, why: 'recycle' | 'hung'): Step {
  const member = memberOf(fleet, id);
  if (fleet.phase !== 'serving' || member?.state !== 'serving') return NOTHING(fleet);
  // A whole generation is on its way in its place, or one already is.
  if (fleet.reload !== undefined && member.generation < fleet.reload.generation && why === 'recycle') return NOTHING(fleet);
  if (fleet.members.some(({ replaces }) => replaces === id)) return NOTHING(fleet);
  return born(fleet, [{ slot: member.slot, generation: member.generation, replaces: id, why }]);
}

/** Somebody is ready in the place of another one, who goes now. */
export function replacedWhenReady(fleet: Fleet, { replaces }: Member): Step {
  return replaces === undefined ? NOTHING(fleet) : retire(fleet, ({ id }) => id === replaces);
}
