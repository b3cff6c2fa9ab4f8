// workers/mend.ts: a fleet for development: what is broken does not end it, and fresh code has nothing to wait for.
//
// Law: from the moment when a change is known nobody is given to a worker with the code before it. New connections wait in the queue of
// the kernel, which no worker owns, until those who come are ready.

import { after, born, phased, retire, type Birth, type Fleet, type Step } from './fleet.ts';

/** Also those that still load: what they load has changed. */
export function hold(fleet: Fleet): Step {
  if (!fleet.isMendable || fleet.phase !== 'serving') return [fleet, []];
  // A number is never used twice: whoever has seen one generation can tell it from the next.
  const generation = Math.max(fleet.generation, fleet.reloading?.generation ?? 0);
  return retire({ ...fleet, generation, reloading: undefined }, () => true);
}

export interface Renewal {
  readonly size: number;
  readonly graceMs: number;
  readonly isStandIn: boolean;
}

/** At the start, and whenever it was held. */
export function renew(fleet: Fleet, { size, graceMs, isStandIn }: Renewal): Step {
  // Whether its first workers can be loaded or not, it serves: at least what stands in for them.
  const open = phased(fleet, 'ready') ?? fleet;
  if (!open.isMendable || open.phase !== 'serving') return [fleet, []];
  return after(hold(open), (held) => {
    const isFirst = held.nextId === 1;
    const generation = isFirst ? held.generation : held.generation + 1;
    const births = Array.from({ length: size }, (_, index): Birth => {
      return { slot: index + 1, generation, why: isFirst ? 'first' : 'reload' };
    });
    return born({ ...held, isStandIn, reloading: { generation, size, graceMs } }, births);
  });
}
