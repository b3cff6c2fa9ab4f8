// app/adapt.ts: which contract an app keeps, and the handler that results. Decided once, when the app is loaded.

import { Fault } from '../faults.ts';
import type { Handler } from '../exchange/exchange.ts';
import type { App, ContractName, FetchFunction, FetchObject, GatewayApp } from './contracts.ts';
import { fromFetch } from './fetch.ts';
import type { HandlingServer } from './gateway-handler.ts';
import { fromGateway } from './gateway.ts';
import { nameOf } from './name-of.ts';

/** A new contract is a new row; forgetting one does not compile. */
const ADAPTERS: { readonly [C in ContractName]: (app: App, server: HandlingServer) => Handler } = {
  gateway: (app, server) => fromGateway(app as GatewayApp, server),
  fetch: (app) => fromFetch(fetchFunction(app)),
};

/** Faults: APP_UNKNOWN, GATEWAY_ONLY. */
export function toHandler(app: unknown, server: HandlingServer, contract: ContractName = recognise(app)): Handler {
  const isCallable = typeof app === 'function' || (contract === 'fetch' && hasFetch(app));
  if (!isCallable) throw new Fault('APP_UNKNOWN', { found: nameOf(app) });
  if (contract !== 'gateway' && server.handlerClass !== undefined)
    throw new Fault('GATEWAY_ONLY', { what: 'handler_class', contract });
  return ADAPTERS[contract](app as App, server);
}

/**
 * An object with `fetch` is a fetch app. A function of two parameters is a gateway app, the contract of PasteDeploy's world; of
 * one or none, a fetch app. A fetch function that takes a context too says so by being `{ fetch }`.
 */
export function recognise(app: unknown): ContractName {
  if (hasFetch(app)) return 'fetch';
  if (typeof app === 'function') return app.length >= 2 ? 'gateway' : 'fetch';
  throw new Fault('APP_UNKNOWN', { found: nameOf(app) });
}

function hasFetch(app: unknown): boolean {
  return typeof (app as Partial<FetchObject> | null | undefined)?.fetch === 'function';
}

function fetchFunction(app: App): FetchFunction {
  if (typeof app === 'function' && !('fetch' in app)) return app as FetchFunction;
  const object = app as unknown as FetchObject;
  return (request, context) => object.fetch(request, context);
}
