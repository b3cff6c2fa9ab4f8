// warning.ts: what is to be said of settings that are right by themselves: they work, but not for long, not for everybody, or not as they
// were meant. Data, not an error: nobody throws it.
//
// Law: what is warned of at the start, and can be known without starting, is made in one place; the log says it, and so does a check.

import type { Place } from './place.ts';

export interface Warning {
  /** For programs; it never changes. */
  readonly code: string;
  /** Lower case, without a full stop; it names the option. */
  readonly message: string;
  /** The option that says it, as an ini spells it. */
  readonly key?: string;
  /** Where that stands, once somebody has looked. */
  readonly at?: Place | undefined;
  /** What led there, innermost first, as in a fault. */
  readonly askedBy?: readonly string[];
}
