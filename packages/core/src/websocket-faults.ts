// websocket-faults.ts: handshakes that are none (RFC 6455 §4.2), and apps that ask for a WebSocket where there can be none.

import { app, didYouMean, peer } from './fault-row.ts';

export const WEBSOCKET_FAULTS = {
  WEBSOCKET_WANTED: peer(
    426,
    'A WebSocket endpoint was asked for something else: `Upgrade: websocket` or `Connection: upgrade` is missing, or it was asked over HTTP/2, where neither can be. The answer says so, in `Upgrade` (RFC 9110 §15.5.22).',
    (d: { version: string }) =>
      d.version === 'HTTP/2.0'
        ? 'this is a WebSocket endpoint, which is reached over HTTP/1.1: there are no WebSockets over HTTP/2 here (RFC 8441)'
        : 'this is a WebSocket endpoint: Upgrade: websocket and Connection: upgrade are missing',
  ),
  WEBSOCKET_VERSION: peer(
    426,
    'The client speaks another version of the protocol than 13, the only one that is a standard. The answer names it, in `Sec-WebSocket-Version` (RFC 6455 §4.4).',
    (d: { value: string }) => `Sec-WebSocket-Version is ${JSON.stringify(d.value)}, not 13`,
  ),
  WEBSOCKET_HANDSHAKE_INVALID: peer(
    400,
    'The handshake breaks a rule of RFC 6455 §4.2.1.',
    (d: { why: string }) => `invalid WebSocket handshake: ${d.why}`,
  ),
  WEBSOCKET_ORIGIN_REFUSED: peer(
    403,
    "A page of another site wanted to speak with the cookies of its visitor (RFC 6455 §10.2). An endpoint names the sites that may in its option `origins`; without it, only pages of the endpoint's own host may.",
    (d: { origin: string }) => `the origin ${d.origin} may not connect`,
  ),
  WEBSOCKET_OPTION_INVALID: app(
    'An option of a WebSocket endpoint, or what a method of a WebSocket was called with, is not what it must be.',
    (d: {
      /** None: all of them together. */
      option?: string;
      why: string;
      nearest?: string | undefined;
    }) => (d.option === undefined ? `the options of a WebSocket ${d.why}` : `the WebSocket option ${d.option} ${d.why}`),
    (d) => didYouMean(d.nearest),
  ),
  WEBSOCKET_HOOK_INVALID: app(
    'The hooks of a WebSocket endpoint are no object, one of them is no function, or it has a member that looks like a hook and is none. The client is told 500, and not 101.',
    (d: { why: string; nearest?: string | undefined; isOption?: boolean }) => `the hooks of a WebSocket${d.why}`,
    (d) => (d.isOption === true ? 'give options behind the hooks: upgrade(hooks, options)' : didYouMean(d.nearest)),
  ),
  WEBSOCKET_MESSAGE_INVALID: app(
    'An app sent something over a WebSocket that is neither text nor bytes. Nothing of it was sent.',
    (d: { found: string }) => `a message is text or bytes (an ArrayBuffer or a view of one), but the app gave ${d.found}`,
    (d) =>
      d.found === 'an instance of Promise' || d.found === 'an instance of Blob'
        ? 'await its bytes first'
        : 'make text of it first, with JSON.stringify or String',
  ),
  UPGRADE_DROPPED: app(
    'What a gateway app gave for an upgrade was changed on its way by a filter: to another status than 101, or its head was never given to startResponse.',
    () => 'a filter has changed the answer to an upgrade',
  ),
} as const;
