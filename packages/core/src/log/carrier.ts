// log/carrier.ts: from what an app is given to the id of its request.

/** What stands behind all contracts: Exchange.requestId. */
interface Identified {
  readonly requestId: string;
}

const EXCHANGE = Symbol.for('appserve.exchange');

/** An environ, the context of a fetch app, or a request of node:http. */
export type Carrier = object;

export function underlyingOf(carrier: Carrier): Identified | undefined {
  const own = (carrier as { readonly [EXCHANGE]?: Identified })[EXCHANGE];
  if (own !== undefined) return own;
  const input = (carrier as { readonly 'wsgi.input'?: object })['wsgi.input'];
  return input === undefined ? undefined : (input as { readonly [EXCHANGE]?: Identified })[EXCHANGE];
}
