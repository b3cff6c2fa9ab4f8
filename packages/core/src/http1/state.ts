// http1/state.ts: what may follow what on one connection.
//
// Rule 1: every state and every move of either side stands here; no other room assigns a state that this table did not give.
// Rule 2: what is not in the table is not allowed. The diagram in docs/reference/http.md is printed from it.

import { Fault } from '../faults.ts';

/** The client's side. idle: a head may come. done: its request is complete. error: it broke the rules, nothing more is read. */
export type PeerState = 'idle' | 'body' | 'done' | 'closed' | 'error';
export type PeerEvent = 'request' | 'end' | 'next' | 'eof' | 'fault';

export const PEER_MOVES: Readonly<Record<PeerState, { readonly [E in PeerEvent]?: PeerState }>> = {
  idle: { request: 'body', eof: 'closed', fault: 'error' },
  body: { end: 'done', fault: 'error' },
  done: { next: 'idle', eof: 'closed' },
  closed: { eof: 'closed' },
  error: { fault: 'error', eof: 'error' },
};

/** Our side. owed: a request waits for its head. body: the head is out. done: the answer is complete. closed: nothing more is sent. */
export type OurState = 'idle' | 'owed' | 'body' | 'done' | 'closed';
export type OurEvent = 'request' | 'inform' | 'head' | 'data' | 'end' | 'next' | 'refuse' | 'abort';

export const OUR_MOVES: Readonly<Record<OurState, { readonly [E in OurEvent]?: OurState }>> = {
  idle: { request: 'owed', refuse: 'closed', abort: 'closed' },
  owed: { inform: 'owed', head: 'body', refuse: 'closed', abort: 'closed' },
  body: { data: 'body', end: 'done', abort: 'closed' },
  done: { next: 'idle', abort: 'closed' },
  closed: { abort: 'closed' },
};

export function movePeer(state: PeerState, event: PeerEvent): PeerState {
  const next = PEER_MOVES[state][event];
  // The engine asks only for moves that its own reading led to: anything else is a bug in this folder.
  if (next === undefined) throw new Error(`the engine moved the peer out of turn: ${event} in ${state}`);
  return next;
}

/** Faults: RESPONSE_OUT_OF_TURN, since it is the app that speaks here. */
export function moveOurs(state: OurState, event: OurEvent): OurState {
  const next = OUR_MOVES[state][event];
  if (next === undefined) throw new Fault('RESPONSE_OUT_OF_TURN', { event, state });
  return next;
}
