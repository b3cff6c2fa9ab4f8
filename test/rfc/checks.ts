// checks.ts: how a rule of the RFCs is checked: by a conversation, by a refusal, or by whatever a function asserts.

import assert from 'node:assert/strict';
import { assertSameHoweverCut, assertSpoken, play } from '../support/conversation.ts';
import { answerOf } from '../support/scenes.ts';
import type { WireSettings } from '../support/wire.ts';

/** Passes, or throws. */
export type Check = () => void | Promise<void>;

/** The checks of each rule, by its id, each under the fact that it shows. */
export type Checks = Readonly<Record<string, Readonly<Record<string, Check>>>>;

/** What stands in front of a body: lines, each with its CRLF, and an empty one. */
export function head(...lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

export const GET = head('GET / HTTP/1.1', 'Host: a');
/** What comes behind a request, to see where that ends. */
export const NEXT = head('GET /next HTTP/1.1', 'Host: a');
const SMUGGLED = head('GET /smuggled HTTP/1.1', 'Host: a');

export function post(...lines: readonly string[]): string {
  return head('POST / HTTP/1.1', 'Host: a', ...lines);
}

export function chunked(body: string): string {
  return post('Transfer-Encoding: chunked') + body;
}

interface Spoken {
  readonly settings?: WireSettings;
  /** Latin1: one char a byte. */
  readonly sent: string;
  readonly endsSending?: boolean;
  /** As test/transcripts/http1/README.md has them, `at request` in a line of its own in front. */
  readonly answers?: readonly string[];
  readonly events?: readonly string[];
  /** All that comes back, or what must be found in it. */
  readonly wire?: string | RegExp;
}

const AT_REQUEST = 'at request\n';

/** A conversation, as a whole and however it is cut. */
export function says({ sent, answers = [], events, wire, ...rest }: Spoken): Check {
  const conversation = {
    ...rest,
    sent: Buffer.from(sent, 'latin1'),
    answers: answers.map((text) =>
      text.startsWith(AT_REQUEST) ? answerOf(text.slice(AT_REQUEST.length), 'at request') : answerOf(text),
    ),
  };
  return () => {
    assertSpoken(play(conversation, [conversation.sent]), events, wire);
    assertSameHoweverCut(conversation);
  };
}

/** Each of `sent` is a fault of this code and status; the client is told, and nothing behind it is read. */
export function refuses(status: number, code: string, ...sent: readonly string[]): Check {
  return () => {
    for (const text of sent) {
      const conversation = { sent: Buffer.from(text + SMUGGLED, 'latin1') };
      const wire = play(conversation, [conversation.sent]);
      const last = wire.heard.at(-1);
      assert.ok(last?.type === 'fault', `${JSON.stringify(text)} is refused`);
      assert.deepEqual([last.fault.status, last.fault.code], [status, code], JSON.stringify(text));
      assert.match(wire.output, new RegExp(`^HTTP/1.1 ${status} [^]*\\r\\nConnection: close\\r\\n\\r\\n`));
      assert.ok(!wire.heard.some((event) => event.type === 'request' && event.head.target === '/smuggled'));
      assertSameHoweverCut(conversation);
    }
  };
}
