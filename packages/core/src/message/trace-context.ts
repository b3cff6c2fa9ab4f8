// message/trace-context.ts: traceparent and tracestate, as W3C Trace Context (Recommendation of 23 November 2021) has them. A machine.
//
// Law: read strictly, as §3 says; what is malformed is as if it had not been sent, and tracestate means nothing without traceparent.

import type { Fields } from './fields.ts';

export interface TraceContext {
  /** As they were sent; to be sent on, with another parent, to servers that the app asks. */
  readonly traceparent: string;
  /** All of its field lines as one; empty where there is none, or where it is malformed. */
  readonly tracestate: string;
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits: the span of who asks. */
  readonly parentId: string;
  /** 8 bits, of which the lowest is `isSampled`. */
  readonly flags: number;
  /** Who asks may have recorded it. */
  readonly isSampled: boolean;
}

/** §3.2.2: version, trace-id, parent-id, trace-flags. A later version may have more behind a further dash. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const NO_PARENT = '0'.repeat(16);
const SAMPLED = 1;

/** `undefined`: it is not there, or malformed. `tracestate`: of all its lines. */
export function parseTraceContext(traceparent: string | undefined, tracestate: string | undefined): TraceContext | undefined {
  if (traceparent === undefined) return undefined;
  const [, version, traceId = '', parentId = '', flagDigits = '', more] = TRACEPARENT.exec(traceparent) ?? [];
  if (version === undefined || version === 'ff' || traceId === NO_TRACE || parentId === NO_PARENT) return undefined;
  if (version === '00' && more !== undefined) return undefined;
  const flags = Number.parseInt(flagDigits, 16);
  const state = tracestate !== undefined && isTracestate(tracestate) ? tracestate : '';
  return { traceparent, tracestate: state, traceId, parentId, flags, isSampled: (flags & SAMPLED) !== 0 };
}

/** Of the fields of a request. More than one traceparent is none (§3.2.1); lines of tracestate are one list (RFC 9110 §5.3). */
export function traceContextOf(fields: Fields): TraceContext | undefined {
  const parents = fields.all('traceparent');
  if (parents.length !== 1) return undefined;
  const states = fields.all('tracestate');
  return parseTraceContext(parents[0], states.length === 0 ? undefined : states.join(', '));
}

const MEMBERS_MAX = 32;
/** §3.3.1.3.1: a name, or tenant@system. */
const KEY = /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/;
/** §3.3.1.3.2: printable, without comma and equals sign; the last one is no blank. */
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** §3.3.1.1: members may be empty; a key stands once. */
function isTracestate(text: string): boolean {
  const members = text
    .split(',')
    .map((member) => member.replaceAll(/^[\t ]+|[\t ]+$/g, ''))
    .filter((member) => member !== '');
  const pairs = members.map((member) => [member.slice(0, member.indexOf('=')), member.slice(member.indexOf('=') + 1)] as const);
  const isRight = members.every((member, at) => member.includes('=') && KEY.test(pairs[at]![0]) && VALUE.test(pairs[at]![1]));
  return isRight && members.length <= MEMBERS_MAX && new Set(pairs.map(([key]) => key)).size === pairs.length;
}
