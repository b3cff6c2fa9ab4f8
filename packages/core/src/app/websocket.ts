// app/websocket.ts: an app that is nothing but a WebSocket endpoint: hooks and options in one object.

import type { Handler } from '../exchange/exchange.ts';
import { accept, refusalParts } from '../websocket/accept.ts';
import type { Acceptance, WebSocketHooks, WebSocketOptions } from '../websocket/hooks.ts';
import type { WebSocketApp } from './contracts.ts';
import { makeEnviron, type GatewayServer } from './environ.ts';
import { openWebSocket } from './upgrade.ts';

const OPTIONS = ['data', 'protocols', 'origins', 'maxMessageBytes', 'pingMs', 'idleMs', 'compression', 'headers'] as const;

/** Every hook is looked up when it is called, as a method of the app. */
export function fromWebSocket(app: WebSocketApp, server: GatewayServer): Handler {
  const hooks: WebSocketHooks = {
    message: (socket, message) => app.message(socket, message),
    drain: (socket) => app.drain?.(socket),
    close: (socket, code, reason) => app.close?.(socket, code, reason),
    // Where there is none, the server must know: it logs then.
    ...(app.error === undefined ? {} : { error: (socket, error) => app.error?.(socket, error) }),
  };
  const given = OPTIONS.filter((name) => name in app).map((name) => [name, app[name]] as const);
  const options = Object.fromEntries(given) as WebSocketOptions;
  return (exchange) => {
    let acceptance: Acceptance;
    try {
      acceptance = accept(exchange.head, hooks, options);
    } catch (error) {
      const { head, body } = refusalParts(error);
      exchange.send(head, [body]);
      return undefined;
    }
    const environ = makeEnviron(exchange, server);
    const opened: Acceptance['opened'] = (socket) => app.open?.(socket, environ);
    return openWebSocket(exchange, { ...acceptance, opened }, (options.headers ?? []).flat());
  };
}
