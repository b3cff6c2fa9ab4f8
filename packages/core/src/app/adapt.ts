// app/adapt.ts: which contract an app keeps, and the handler that results. Decided once, when the app is loaded.

import { Fault } from '../faults.ts';
import type { Handler } from '../exchange/exchange.ts';
import type { App, ContractName, FetchFunction, FetchObject, GatewayApp, RequestHandler } from './contracts.ts';
import type { GatewayServer } from './environ.ts';
import { fromFetch } from './fetch.ts';
import { fromGateway } from './gateway.ts';
import { nameOf } from './name-of.ts';
import { fromRequestHandler } from './request-handler.ts';

/** A new contract is a new row; forgetting one does not compile. */
const ADAPTERS: { readonly [C in ContractName]: (app: App, server: GatewayServer) => Handler } = {
  gateway: (app, server) => fromGateway(app as GatewayApp, server),
  fetch: (app) => fromFetch(fetchFunction(app)),
  cgi: (app, server) => fromRequestHandler(app as RequestHandler, server),
};

/** Faults: APP_UNKNOWN. */
export function toHandler(app: unknown, server: GatewayServer, contract: ContractName = recognise(app)): Handler {
  const isCallable = contract === 'cgi' ? hasCgi(app) : typeof app === 'function' || (contract === 'fetch' && hasFetch(app));
  if (!isCallable) throw new Fault('APP_UNKNOWN', { found: nameOf(app) });
  return ADAPTERS[contract](app as App, server);
}

/**
 * An object with `fetch` is a fetch app, one with `cgi` a request handler. A function of two parameters is a gateway app, the contract of PasteDeploy's world; of
 * one or none, a fetch app. A fetch function that takes a context too says so by being `{ fetch }`.
 */
export function recognise(app: unknown): ContractName {
  if (hasFetch(app)) return 'fetch';
  if (hasCgi(app)) return 'cgi';
  if (typeof app === 'function') return app.length >= 2 ? 'gateway' : 'fetch';
  throw new Fault('APP_UNKNOWN', { found: nameOf(app) });
}

function hasFetch(app: unknown): boolean {
  return typeof (app as Partial<FetchObject> | null | undefined)?.fetch === 'function';
}

function hasCgi(app: unknown): boolean {
  return typeof (app as Partial<RequestHandler> | null | undefined)?.cgi === 'function';
}

function fetchFunction(app: App): FetchFunction {
  if (typeof app === 'function' && !('fetch' in app)) return app as FetchFunction;
  const object = app as unknown as FetchObject;
  return (request, context) => object.fetch(request, context);
}
