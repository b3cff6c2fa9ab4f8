// gateway-filter.ts: a filter that is written in the gateway contract, over apps of any.

import { toGateway, type Filter, type GatewayApp } from '@appserve/core/app';

export function gatewayFilter(wrap: (inner: GatewayApp) => GatewayApp): Filter {
  return (app) => wrap(toGateway(app));
}
