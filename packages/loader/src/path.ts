// path.ts: how one came to a section, by which a circle is known.

import { Fault, type FaultContext } from '@appserve/core';
import type { Visit } from './context.ts';
import type { Section } from './ini/document.ts';
import { describe } from './ini/interpolate.ts';
import type { Scope } from './scope.ts';

/** The sections passed through, the outermost first. */
export type Path = readonly Visit[];

/** Who asked, innermost first. */
export function askers(path: Path): string[] {
  return path.map(({ shown }) => shown).toReversed();
}

export function visitOf({ ref }: Scope, section: Section): Visit {
  return { file: ref.file, section: section.name, shown: describe(section) };
}

/** The circles of one plan. */
export class Circles {
  readonly #known = new Map<string, Fault>();

  /** Faults: USE_CYCLE. Whichever of its sections one begins with, it is one circle, and one fault. */
  refuse(path: Path, { ref }: Scope, { name }: Section, context: FaultContext): void {
    const first = path.findIndex(({ file, section }) => file === ref.file && section === name);
    if (first === -1) return;
    const visits = path.slice(first);
    const members = visits
      .map(({ file, section }) => `${file}\n${section}`)
      .toSorted()
      .join('\n\n');
    const cycle = [...visits.map(({ section }) => section), name];
    const fault = this.#known.get(members) ?? new Fault('USE_CYCLE', { cycle }, context);
    this.#known.set(members, fault);
    throw fault;
  }
}
