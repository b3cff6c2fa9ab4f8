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
    // A browser updates what it has kept by the fields of a 304 (RFC 9111 §3.2): the page it has there has its own nonce in its tags.
    const isLeft = (status: string): boolean => status.startsWith('101') || (hasNonce && status.startsWith('304'));
    return inner(environ, (status, headers, excInfo) =>
      startResponse(status, isLeft(status) ? headers : completed(headers, [[name, value]]), excInfo),
    );
  });
}
