// app/trace-context.ts: the trace that a request is part of, whatever contract it comes by.

import type { IncomingMessage } from 'node:http';
import { traceContextOf, type TraceContext } from '../message/trace-context.ts';
import type { FetchContext } from './contracts.ts';
import type { Environ } from './environ.ts';
import { underlyingOf } from './underlying.ts';

/** Of the environ of a gateway app, the context of a fetch app or the request of a node app, also one that Express has made its own. */
export function traceContext(of: Environ | FetchContext | IncomingMessage): TraceContext | undefined {
  const exchange = underlyingOf(of);
  if (exchange !== undefined) return traceContextOf(exchange.head.fields);
  return (of as Partial<Environ>)['appserve.trace_context']?.call(of);
}
