// http1/state.ts: what may follow what on one connection.
//
// Rule 1: every state and every move of either side stands here; no other room assigns a state that this table did not give.
// Rule 2: what is not in the table is not allowed. The diagram in docs/reference/http.md is printed from it.
//
// States and events are small numbers, so that a move is one look into an array: a request makes seven of them.

import { Fault } from '../faults.ts';

/** The client's side. idle: a head may come. done: its request is complete. error: it broke the rules, nothing more is read. */
export const PEER_STATES = ['idle', 'body', 'done', 'closed', 'error'] as const;
export const PEER_EVENTS = ['request', 'end', 'next', 'eof', 'fault'] as const;
/** Our side. owed: a request waits for its head. body: the head is out. done: the answer is complete. closed: nothing more is sent. */
export const OUR_STATES = ['idle', 'owed', 'body', 'done', 'closed'] as const;
export const OUR_EVENTS = ['request', 'inform', 'head', 'data', 'end', 'next', 'upgrade', 'refuse', 'abort'] as const;

type Moves<S extends readonly string[], E extends readonly string[]> = {
  readonly [state in S[number]]: { readonly [event in E[number]]?: S[number] };
};

export const PEER_MOVES: Moves<typeof PEER_STATES, typeof PEER_EVENTS> = {
  idle: { request: 'body', eof: 'closed', fault: 'error' },
  body: { end: 'done', fault: 'error' },
  done: { next: 'idle', eof: 'closed', fault: 'error' },
  closed: { eof: 'closed' },
  error: { fault: 'error', eof: 'error' },
};

export const OUR_MOVES: Moves<typeof OUR_STATES, typeof OUR_EVENTS> = {
  idle: { request: 'owed', refuse: 'closed', abort: 'closed' },
  owed: { inform: 'owed', head: 'body', upgrade: 'closed', refuse: 'closed', abort: 'closed' },
  body: { data: 'body', end: 'done', abort: 'closed' },
  done: { next: 'idle', abort: 'closed' },
  closed: { abort: 'closed' },
};

/** The place of each name in its list: `PEER.idle`, `OUR_EVENT.head`. */
type Numbers<L extends readonly string[]> = { readonly [name in L[number]]: number };

function numbersOf<L extends readonly string[]>(names: L): Numbers<L> {
  return Object.freeze(Object.fromEntries(names.map((name, index) => [name, index]))) as Numbers<L>;
}

export const PEER = numbersOf(PEER_STATES);
export const PEER_EVENT = numbersOf(PEER_EVENTS);
export const OUR = numbersOf(OUR_STATES);
export const OUR_EVENT = numbersOf(OUR_EVENTS);

const NOT_ALLOWED = 0xff;
const EVENTS_MAX = 16;

function compile(
  moves: Readonly<Record<string, Readonly<Record<string, string>>>>,
  states: readonly string[],
  events: readonly string[],
): Uint8Array {
  const table = new Uint8Array(states.length * EVENTS_MAX).fill(NOT_ALLOWED);
  for (const [state, row] of Object.entries(moves)) {
    for (const [event, next] of Object.entries(row))
      table[states.indexOf(state) * EVENTS_MAX + events.indexOf(event)] = states.indexOf(next);
  }
  return table;
}

const peerTable = compile(PEER_MOVES, PEER_STATES, PEER_EVENTS);
const ourTable = compile(OUR_MOVES, OUR_STATES, OUR_EVENTS);

export function movePeer(state: number, event: number): number {
  const next = peerTable[state * EVENTS_MAX + event]!;
  // The engine asks only for moves that its own reading led to: anything else is a bug in this folder.
  if (next === NOT_ALLOWED)
    throw new Error(`the engine moved the peer out of turn: ${PEER_EVENTS[event]} in ${PEER_STATES[state]}`);
  return next;
}

/** Faults: RESPONSE_OUT_OF_TURN, since it is the app that speaks here. */
export function moveOurs(state: number, event: number): number {
  const next = ourTable[state * EVENTS_MAX + event]!;
  if (next === NOT_ALLOWED) throw new Fault('RESPONSE_OUT_OF_TURN', { event: OUR_EVENTS[event]!, state: OUR_STATES[state]! });
  return next;
}
