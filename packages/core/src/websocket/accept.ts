// websocket/accept.ts: a request, an endpoint's hooks and options: whether they come together, and what a client is told if not.

import { Fault } from '../faults.ts';
import { fromLatin1 } from '../bytes.ts';
import type { RequestHead } from '../message/request-head.ts';
import { ResponseHead } from '../message/response-head.ts';
import { checkEndpoint } from './endpoint.ts';
import { checkOrigin, chooseProtocol, readHandshake } from './handshake.ts';
import type { Acceptance, WebSocketHooks, WebSocketOptions } from './hooks.ts';

/** Faults: WEBSOCKET_*: of the client, and those of `checkEndpoint` of the app. */
export function accept(head: RequestHead, hooks: WebSocketHooks, options: WebSocketOptions): Acceptance {
  checkEndpoint(hooks, options);
  return acceptChecked(head, hooks, options);
}

/** Of an endpoint that has been checked before, once for all its clients. */
export function acceptChecked(head: RequestHead, hooks: WebSocketHooks, options: WebSocketOptions): Acceptance {
  const handshake = readHandshake(head);
  checkOrigin(handshake, options.origins ?? 'same');
  const protocol = chooseProtocol(handshake.protocols, options.protocols ?? []);
  return { handshake, protocol, options, hooks };
}

/** The answer to a client that cannot be accepted: 400, 403 or 426, with what is wrong. */
export interface Refusal {
  readonly status: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly text: string;
}

/** Faults of the app are thrown again: they are no answer. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof Fault) || error.blame !== 'peer') throw error;
  const { status, message } = error;
  // RFC 9110 §15.5.22, RFC 6455 §4.4: a 426 says what would do.
  const wanted =
    status === 426
      ? ([
          ['Upgrade', 'websocket'],
          ['Sec-WebSocket-Version', '13'],
        ] as const)
      : [];
  // Of the client's own bytes only printable ASCII comes back.
  return {
    status,
    fields: [['Content-Type', 'text/plain; charset=utf-8'], ...wanted],
    text: `${message.replaceAll(/[^\x20-\x7e]/g, '?')}\n`,
  };
}

/** The same as a head and a body. */
export function refusalParts(error: unknown): { head: ResponseHead; body: Uint8Array } {
  const { status, fields, text } = refusalOf(error);
  return { head: ResponseHead.of(status, fields.flat()), body: fromLatin1(text) };
}
