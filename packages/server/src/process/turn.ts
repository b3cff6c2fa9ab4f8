// process/turn.ts: when a process that takes the place of another one says so: a machine.
//
// Law: as soon as all that the other one served is served again; where that cannot be known, after a while.

export interface Turn {
  /** Servers of this process, and how many of them serve. */
  readonly joined: number;
  readonly ready: number;
  /** Servers of the process before; 0: there was none. */
  readonly before: number;
  /** Addresses of the process before that nobody has taken: those of a server that a script has yet to start, or that are no more. */
  readonly heirloomsLeft: number;
  /** Nobody has joined for that while. */
  readonly isLate: boolean;
}

/** later: unless another server joins within a while. */
export function isItsTurn({ joined, ready, before, heirloomsLeft, isLate }: Turn): 'now' | 'later' | 'no' {
  if (before === 0) return 'now';
  if (ready < joined) return 'no';
  return joined >= before || heirloomsLeft === 0 || isLate ? 'now' : 'later';
}
