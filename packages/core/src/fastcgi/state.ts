// fastcgi/state.ts: what may follow what within one request.
//
// Rule 1: every state of either side stands here; no other room assigns one that these tables did not give.
// Rule 2: what is not in the table is not allowed. The diagrams in docs/reference/fastcgi.md are printed from it.

import { Fault } from '../faults.ts';
import type { Role } from './records.ts';

/** The stream that is awaited from the web server; done: all of them are complete. */
export type PeerState = 'params' | 'stdin' | 'data' | 'done';

/** What follows when a stream has ended. */
export const STREAMS: Readonly<Record<Role, Readonly<Record<Exclude<PeerState, 'done'>, PeerState>>>> = {
  responder: { params: 'stdin', stdin: 'done', data: 'done' },
  // FastCGI 1.0 §6.3 has no STDIN there. lighttpd sends its end, Apache sends nothing: neither is waited for.
  authorizer: { params: 'done', stdin: 'done', data: 'done' },
  filter: { params: 'stdin', stdin: 'data', data: 'done' },
};

/** Our side. owed: a head is. body: it is out. over: FCGI_END_REQUEST is sent, or never will be. */
export type OurState = 'owed' | 'body' | 'over';
export type OurEvent = 'head' | 'data' | 'end' | 'refuse' | 'abort';

export const OUR_MOVES: Readonly<Record<OurState, Readonly<Partial<Record<OurEvent, OurState>>>>> = {
  owed: { head: 'body', refuse: 'over', abort: 'over' },
  body: { data: 'body', end: 'over', abort: 'over' },
  over: {},
};

/** Faults: RESPONSE_OUT_OF_TURN, since it is the app that speaks here. */
export function moveOurs(state: OurState, event: OurEvent): OurState {
  const next = OUR_MOVES[state][event];
  if (next === undefined) throw new Fault('RESPONSE_OUT_OF_TURN', { event, state });
  return next;
}
