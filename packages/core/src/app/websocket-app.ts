// app/websocket-app.ts: what an app that is nothing but a WebSocket endpoint looks like.

import type { WebSocketApp } from './contracts.ts';

/** Whether an object is such an app. Its `close` is a hook then, not the end of its life. */
export function isWebSocketApp(thing: unknown): thing is WebSocketApp {
  if (typeof thing !== 'object' || thing === null) return false;
  return typeof (thing as Partial<WebSocketApp>).message === 'function' && !('fetch' in thing);
}
