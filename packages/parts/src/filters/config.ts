// filters/config.ts: lets apps see the configuration in their environ: paste.deploy.config.

import type { Filter, GlobalConf } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { gatewayFilter } from '../gateway-filter.ts';
import type { configPart } from './config-part.ts';

/** A `filter_factory`. */
export function config(globalConf: GlobalConf, { others }: Settled<typeof configPart.options>): Filter {
  const known = { ...globalConf, ...Object.fromEntries(others) };
  return gatewayFilter((inner) => (environ, startResponse) => {
    environ['paste.config'] = { ...known };
    return inner(environ, startResponse);
  });
}
