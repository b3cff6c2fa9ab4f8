// workers/moves.ts: what may follow what in the life of a worker, and of all of them.
//
// Rule 1: every state and every move stands here; the machine (life.ts, change.ts) asks these tables what comes next.
// Rule 2: what is not in a table is not allowed. The diagrams in docs/guide/operations.md are printed from them.

/** starting: loading the app. ready: it has, and waits for the others. serving: accepting. draining: finishing what it has. */
export type MemberState = 'starting' | 'ready' | 'serving' | 'draining';
/** ready: the app is loaded. accept: all that should be ready are. retire: it shall end, or is ended. exit: the thread is no more. */
export type MemberEvent = 'ready' | 'accept' | 'retire' | 'exit';

/**
 * starting: not all have been ready yet. leaving: it shall stop, and says so, but still serves whoever has not heard of it. stopping: no
 * new connection is taken. over: no worker is left.
 */
export type FleetPhase = 'starting' | 'serving' | 'leaving' | 'stopping' | 'over';
/**
 * leave: it shall stop after a while. fail: it cannot start, or its workers crash in a loop. empty: the last worker has ended, or there
 * was none.
 */
export type FleetEvent = 'ready' | 'leave' | 'stop' | 'fail' | 'empty';

type Moves<State extends string, Event extends string, Next extends string> = {
  readonly [state in State]: { readonly [event in Event]?: Next };
};

export const MEMBER_MOVES: Moves<MemberState, MemberEvent, MemberState | 'gone'> = {
  starting: { ready: 'ready', retire: 'draining', exit: 'gone' },
  ready: { accept: 'serving', retire: 'draining', exit: 'gone' },
  serving: { retire: 'draining', exit: 'gone' },
  draining: { exit: 'gone' },
};

export const FLEET_MOVES: Moves<FleetPhase, FleetEvent, FleetPhase> = {
  starting: { ready: 'serving', stop: 'stopping', fail: 'stopping', empty: 'over' },
  serving: { leave: 'leaving', stop: 'stopping', fail: 'stopping', empty: 'over' },
  leaving: { stop: 'stopping', fail: 'stopping', empty: 'over' },
  stopping: { empty: 'over' },
  over: {},
};
