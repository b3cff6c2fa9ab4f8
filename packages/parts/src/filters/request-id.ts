// filters/request-id.ts: an id for each request, in its environ and in its answer.

import { randomUUID } from 'node:crypto';
import type { Filter, GlobalConf } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { gatewayFilter } from '../gateway-filter.ts';
import { without } from './head.ts';
import type { requestIdPart } from './request-id-part.ts';

/** What may stand in any log as it is. */
const SANE = /^[A-Za-z0-9._~+/=:@-]{1,128}$/;

/** A `filter_factory`. */
export function requestId(_globalConf: GlobalConf, { header, accept }: Settled<typeof requestIdPart.options>): Filter {
  const variable = `HTTP_${header.toUpperCase().replaceAll('-', '_')}`;
  const lower = header.toLowerCase();
  return gatewayFilter((inner) => (environ, startResponse) => {
    const given = environ[variable];
    const id = accept && typeof given === 'string' && SANE.test(given) ? given : randomUUID();
    environ[variable] = id;
    environ['appserve.request_id'] = id;
    return inner(environ, (status, headers, excInfo) =>
      startResponse(status, [...without(headers, lower), [header, id]], excInfo),
    );
  });
}
