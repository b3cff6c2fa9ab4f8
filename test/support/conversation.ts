// conversation.ts: one conversation with the engine: what is sent, what the app says, what is heard and what comes back.
// test/transcripts/http1/README.md explains the notation.

import assert from 'node:assert/strict';
import { sameHoweverCut } from './cuts.ts';
import { linesOf, Wire, type Answer, type WireSettings } from './wire.ts';

export interface Conversation {
  readonly settings?: WireSettings;
  readonly sent: Uint8Array;
  /** The client closes its side behind the last byte. */
  readonly endsSending?: boolean;
  /** One for each request, in order; a request without one stays unanswered. */
  readonly answers?: readonly Answer[];
}

/** Plays it in as many reads as there are pieces. */
export function play({ settings = {}, answers = [], endsSending = false }: Conversation, pieces: readonly Uint8Array[]): Wire {
  const wire = new Wire(settings, answers);
  for (const piece of pieces) wire.receive(piece);
  if (endsSending) wire.endSending();
  return wire;
}

/** Cut anywhere, the same is heard, and the same comes back. */
export function assertSameHoweverCut(conversation: Conversation): void {
  sameHoweverCut(conversation.sent, (pieces) => {
    const wire = play(conversation, pieces);
    // Whether 100 Continue is said depends on how much of the body has come when the app asks for it.
    return {
      lines: wire.heard.flatMap(linesOf),
      rest: wire.rest,
      output: wire.output.replaceAll('HTTP/1.1 100 Continue\r\n\r\n', ''),
    };
  });
}

/** What was heard, in the lines of a scene: of what is known of a request, what the scene speaks of. */
function spokenOf(wire: Wire, expected: readonly string[]): string[] {
  const wanted = wantedKinds(expected);
  const lines: string[] = [];
  let requests = 0;
  for (const event of wire.heard) {
    const [line = '', ...details] = linesOf(event);
    const kinds = event.type === 'request' ? wanted[requests++] : undefined;
    lines.push(line, ...(event.type === 'request' ? details.filter((detail) => kinds?.has(kindOf(detail))) : details));
  }
  if (wire.rest !== 'answer' && wire.heard.at(-1)?.type !== 'fault') lines.push(wire.rest);
  return lines;
}

/** What is heard, and what comes back: all of it, or what must be found in it. */
export function assertSpoken(wire: Wire, events?: readonly string[], output?: string | RegExp): void {
  if (events !== undefined) assert.deepEqual(spokenOf(wire, events), events);
  if (typeof output === 'string') assert.equal(wire.output, output);
  else if (output !== undefined) assert.match(wire.output, output);
}

/** `field Host: a` is a field. Of some kinds there are two words: `persists` or `closes`. */
function kindOf(line: string): string {
  const word = line.split(' ')[0]!;
  if (word === 'length' || word === 'chunked') return 'body';
  return word === 'persists' || word === 'closes' ? 'connection' : word;
}

/** For each request of a scene, which kinds of details it speaks of. */
function wantedKinds(expected: readonly string[]): Set<string>[] {
  const wanted: Set<string>[] = [];
  for (const line of expected) {
    if (line.startsWith('request ')) wanted.push(new Set());
    else wanted.at(-1)?.add(kindOf(line));
  }
  return wanted;
}
