// filters/csp.ts: a Content-Security-Policy (https://www.w3.org/TR/CSP3/).

import { randomBytes } from 'node:crypto';
import type { Filter, GlobalConf } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { gatewayFilter } from '../gateway-filter.ts';
import type { cspPart } from './csp-part.ts';
import { completed } from './head.ts';

const NONCE_BYTES = 16;
const PLACE = '{nonce}';

/** A `filter_factory`. */
export function csp(_globalConf: GlobalConf, { policy, reportOnly }: Settled<typeof cspPart.options>): Filter {
  const name = reportOnly ? 'Content-Security-Policy-Report-Only' : 'Content-Security-Policy';
  const hasNonce = policy.includes(PLACE);
  return gatewayFilter((inner) => (environ, startResponse) => {
    const nonce = hasNonce ? randomBytes(NONCE_BYTES).toString('base64') : '';
    if (hasNonce) environ['appserve.csp_nonce'] = nonce;
    const value = policy.replaceAll(PLACE, `'nonce-${nonce}'`);
    return inner(environ, (status, headers, excInfo) =>
      startResponse(status, status.startsWith('101') ? headers : completed(headers, [[name, value]]), excInfo),
    );
  });
}
