// app/adapt.ts: the handler that an app becomes. Made once, when the app is loaded.

import { Fault } from '../faults.ts';
import type { Handler } from '../exchange/exchange.ts';
import type { App, ContractName, FetchFunction, FetchObject, GatewayApp, RequestHandler, WebSocketApp } from './contracts.ts';
import { fromFetch } from './fetch.ts';
import type { HandlingServer } from './gateway-handler.ts';
import { fromGateway } from './gateway.ts';
import { nameOf } from '../name-of.ts';
import type { fromNode as fromNodeType } from './node/handler.ts';
import { hasCgi, hasFetch, isFramework, nodePartsOf, recognise, startOf } from './recognise.ts';
import { fromRequestHandler } from './request-handler.ts';
import { fromWebSocket } from './websocket.ts';
import { isWebSocketApp } from './websocket-app.ts';

interface Adapter {
  /** Whether it has what the contract asks for, whatever it looks like otherwise. */
  readonly fits: (app: unknown) => boolean;
  readonly adapt: (app: App, server: HandlingServer) => Handler;
}

function isFunction(app: unknown): boolean {
  return typeof app === 'function';
}

/** A new contract is a new row; forgetting one does not compile. */
const ADAPTERS: { readonly [C in ContractName]: Adapter } = {
  gateway: { fits: isFunction, adapt: (app, server) => fromGateway(app as GatewayApp, server) },
  fetch: { fits: (app) => isFunction(app) || hasFetch(app), adapt: (app, server) => fromFetch(fetchFunction(app), server) },
  node: { fits: (app) => isFunction(app) || isFramework(app), adapt: fromLateNode },
  cgi: { fits: hasCgi, adapt: (app, server) => fromRequestHandler(app as RequestHandler, server) },
  websocket: { fits: isWebSocketApp, adapt: (app, server) => fromWebSocket(app as WebSocketApp, server) },
};

/** Faults: APP_UNKNOWN, GATEWAY_ONLY. */
export function toHandler(app: unknown, server: HandlingServer, interfaceName: ContractName | 'auto' = 'auto'): Handler {
  const contract = interfaceName === 'auto' ? recognise(app) : interfaceName;
  const { fits, adapt } = ADAPTERS[contract];
  if (!fits(app))
    throw new Fault('APP_UNKNOWN', { found: nameOf(app), contract: interfaceName === 'auto' ? undefined : contract });
  if (contract !== 'gateway' && server.handlerClass !== undefined)
    throw new Fault('GATEWAY_ONLY', { what: 'handler_class', contract });
  return adapt(app as App, server);
}

function fetchFunction(app: App): FetchFunction {
  if (typeof app === 'function' && !('fetch' in app)) return app as FetchFunction;
  const object = app as unknown as FetchObject;
  return (request, context, again) => object.fetch(request, context, again);
}

/** Only now: a worker without a node app does not pay for node:http. */
async function importNode(): Promise<typeof fromNodeType> {
  return (await import('./node/handler.ts')).fromNode;
}

function fromLateNode(app: App): Handler {
  let handler: Handler | undefined;
  let loading: Promise<Handler> | undefined;
  // What fails to load is told to the first request.
  importNode().catch(() => undefined);
  const load = async (): Promise<Handler> => {
    const fromNode = await importNode();
    // Done with the life of the app; here for those that have none, such as one that a script has converted.
    await startOf(app)?.();
    const { listener, events } = nodePartsOf(app);
    return (handler = fromNode(listener, events));
  };
  return (exchange) => {
    if (handler !== undefined) return handler(exchange);
    loading ??= load();
    return loading.then((loaded) => loaded(exchange));
  };
}
