// websocket/accept.ts: a request, an endpoint's hooks and options: whether they come together, and what a client is told if not.

import { Fault } from '../faults.ts';
import { fromLatin1 } from '../bytes.ts';
import type { Fields } from '../message/fields.ts';
import { TOKEN } from '../message/grammar.ts';
import type { RequestHead } from '../message/request-head.ts';
import { ResponseHead } from '../message/response-head.ts';
import { checkOrigin, chooseProtocol, readHandshake } from './handshake.ts';
import type { Acceptance, WebSocketHooks, WebSocketOptions } from './hooks.ts';

/** Faults: WEBSOCKET_*: of the client, and WEBSOCKET_OPTION_INVALID of the app. */
export function accept(head: RequestHead, hooks: WebSocketHooks, options: WebSocketOptions): Acceptance {
  checkOptions(options);
  const handshake = readHandshake(head);
  checkOrigin(handshake, options.origins ?? 'same');
  const protocol = chooseProtocol(handshake.protocols, options.protocols ?? []);
  return { handshake, protocol, options, hooks };
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isList = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item === 'string');

interface Check {
  readonly isRight: (value: unknown) => boolean;
  readonly why: string;
}

const COUNT: Check = { isRight: isCount, why: 'must be a whole number >= 0' };

/** `data` may be anything; `headers` are checked where they are sent. */
const CHECKS: { readonly [O in Exclude<keyof WebSocketOptions, 'data' | 'headers'>]-?: Check } = {
  protocols: {
    isRight: (value) => isList(value) && (value as string[]).every((name) => TOKEN.test(name)),
    why: 'must be an array of tokens',
  },
  origins: {
    isRight: (value) => value === 'same' || value === 'any' || isList(value),
    why: "must be 'same', 'any' or an array of origins",
  },
  maxMessageBytes: {
    isRight: (value) => isCount(value) && (value as number) > 0 && (value as number) < 2 ** 31,
    why: 'must be a whole number from 1 to 2147483647',
  },
  pingMs: COUNT,
  idleMs: COUNT,
  compression: { isRight: (value) => typeof value === 'boolean', why: 'must be true or false' },
};

function checkOptions(options: WebSocketOptions): void {
  for (const [option, value] of Object.entries(options)) {
    const check = Object.hasOwn(CHECKS, option) ? CHECKS[option as keyof typeof CHECKS] : undefined;
    if (check === undefined) {
      if (option === 'data' || option === 'headers') continue;
      throw new Fault('WEBSOCKET_OPTION_INVALID', { option, why: 'is not known' });
    }
    if (value !== undefined && !check.isRight(value)) throw new Fault('WEBSOCKET_OPTION_INVALID', { option, why: check.why });
  }
}

/** What belongs to the handshake itself, and what speaks of a body. */
const OF_HANDSHAKE = /^(?:upgrade|content-length|sec-websocket-.*)$/i;

/** The further fields of a 101, by the app and its filters. Faults: RESPONSE_FIELD_*. */
export function switchingFields(flat: readonly string[]): Fields {
  const { fields } = new ResponseHead(200, '', flat);
  for (const [name] of fields) if (OF_HANDSHAKE.test(name)) throw new Fault('RESPONSE_FIELD_FORBIDDEN', { name });
  return fields;
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
