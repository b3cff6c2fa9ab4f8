// app/websocket.ts: an app that is nothing but a WebSocket endpoint: hooks and options in one object.

import type { Handler } from '../exchange/exchange.ts';
import { acceptChecked, refusalParts } from '../websocket/accept.ts';
import { checkApp } from '../websocket/endpoint.ts';
import type { Acceptance, WebSocketHooks } from '../websocket/hooks.ts';
import type { WebSocketApp } from './contracts.ts';
import { makeEnviron, type GatewayServer } from './environ.ts';
import { openWebSocket } from './upgrade.ts';

/**
 * Every hook is looked up when it is called, as a method of the app.
 *
 * Faults, at once: WEBSOCKET_HOOK_INVALID, WEBSOCKET_OPTION_INVALID, RESPONSE_FIELD_*.
 */
export function fromWebSocket(app: WebSocketApp, server: GatewayServer): Handler {
  const options = checkApp(app as WebSocketHooks & WebSocketApp);
  const fields = (options.headers ?? []).flat();
  const hooks: WebSocketHooks = {
    message: (socket, message) => app.message(socket, message),
    drain: (socket) => app.drain?.(socket),
    close: (socket, code, reason) => app.close?.(socket, code, reason),
    // Where there is none, the server must know: it logs then.
    ...(app.error === undefined ? {} : { error: (socket, error) => app.error?.(socket, error) }),
  };
  return (exchange) => {
    let acceptance: Acceptance;
    try {
      acceptance = acceptChecked(exchange.head, hooks, options);
    } catch (error) {
      const { head, body } = refusalParts(error);
      exchange.send(head, [body]);
      return undefined;
    }
    const environ = makeEnviron(exchange, server);
    const opened: Acceptance['opened'] = (socket) => app.open?.(socket, environ);
    return openWebSocket(exchange, { ...acceptance, opened }, fields);
  };
}
