// app/environ-of.ts: the environ of a request, for apps that are given something else: what filters have put there, such as REMOTE_USER.

import { STANDING_ALONE } from './convert/standing-alone.ts';
import { makeEnviron, type Environ } from './environ.ts';
import { underlyingOf } from './underlying.ts';

const made = new WeakMap<object, Environ>();

/** Of the request of a node app, or the context of a fetch app; the same object each time. Nothing where they come from elsewhere. */
export function environOf(carrier: object): Environ | undefined {
  const exchange = underlyingOf(carrier);
  if (exchange === undefined) return undefined;
  let environ = made.get(exchange);
  if (environ === undefined) made.set(exchange, (environ = makeEnviron(exchange, STANDING_ALONE)));
  return environ;
}
