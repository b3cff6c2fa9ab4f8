// fastcgi/limits.ts: what one connection of a web server may cost. Units last; the number's reason beside it.
//
// These are the engine's own defaults; a server settles them from its options (max_params_size, max_params, ...).

import type { Role } from './records.ts';

export interface FastcgiLimits {
  /** Names and values of one request's PARAMS with their length bytes. nginx lets a client send 32 KiB of fields, Apache 800 KiB. */
  readonly paramsBytesMax: number;
  /** How many variables a request has; nginx sends 20 and the client's fields, cgi-fcgi its whole environment. */
  readonly paramsMax: number;
  readonly bodyBytesMax: number;
  /** Requests that are under way on one connection at the same time: 1,024, as gevent-fastcgi counts them for FCGI_MAX_REQS. */
  readonly requestsMax: number;
  /** What the server is: requests for another role are refused with FCGI_UNKNOWN_ROLE. */
  readonly role: Role;
  /** Whether there may be more than one of them: FCGI_MPXS_CONNS. */
  readonly isMultiplexed: boolean;
  /** The app's mount, as CgiPolicy has it. */
  readonly mount: string | undefined;
  /** What FCGI_GET_VALUES is told of the whole process. */
  readonly processConnectionsMax: number;
  readonly processRequestsMax: number;
}

export const FASTCGI_LIMITS: FastcgiLimits = Object.freeze({
  paramsBytesMax: 128 * 1_024,
  paramsMax: 512,
  bodyBytesMax: 1_024 ** 3,
  requestsMax: 1_024,
  role: 'responder',
  isMultiplexed: true,
  mount: undefined,
  processConnectionsMax: 1_024,
  processRequestsMax: 1_024 * 1_024,
});
