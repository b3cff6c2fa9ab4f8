// app/gateway.ts: a gateway app answers exchanges: PEP 3333, "The Server/Gateway Side"; docs/reference/gateway.md has its rules.

import type { Handler } from '../exchange/exchange.ts';
import type { GatewayApp } from './contracts.ts';
import { GatewayHandler, type HandlingServer } from './gateway-handler.ts';

export function fromGateway(app: GatewayApp, server: HandlingServer): Handler {
  const { handlerClass: Own } = server;
  // What nobody has overridden costs nothing: no try, and no call of what does nothing.
  if (Own === undefined) return (exchange) => new GatewayHandler(exchange, app, server).answer();
  return (exchange) => new Own(exchange, app, server).handle();
}
