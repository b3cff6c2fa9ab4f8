// filters/ip-allow.ts: lets in whoever comes from certain addresses.

import type { Filter, GlobalConf } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { gatewayFilter } from '../gateway-filter.ts';
import { plainAnswer } from '../plain-answer.ts';
import type { ipAllowPart } from './ip-allow-part.ts';
import { isAmong } from './trusted.ts';

/** A `filter_factory`. */
export function ipAllow(_globalConf: GlobalConf, { allow, deny }: Settled<typeof ipAllowPart.options>): Filter {
  const isAllowed = isAmong(allow);
  const isDenied = isAmong(deny ?? []);
  return gatewayFilter((inner) => (environ, startResponse) => {
    const { REMOTE_ADDR: address } = environ;
    return isAllowed(address) && !isDenied(address) ? inner(environ, startResponse) : plainAnswer(startResponse, 403);
  });
}
