// app/underlying.ts: the exchange that a contract's own objects stand for: how a converted app finds the server again, for what its
// contract cannot say: early hints, a connection to take over.

import type { Exchange } from '../exchange/exchange.ts';

/** In the context of a fetch app and in the request of a node app. A gateway app's stands in its `wsgi.input`. */
export const EXCHANGE = Symbol.for('appserve.exchange');

export function underlyingOf(carrier: unknown): Exchange | undefined {
  return (carrier as { [EXCHANGE]?: Exchange } | null | undefined)?.[EXCHANGE];
}
