// The face of this folder: the opening handshake of RFC 6455, and what apps and drivers say to each other of a WebSocket.

export { accept, acceptChecked, refusalOf, refusalParts, type Refusal } from './accept.ts';
export { checkApp, checkEndpoint, switchingFields } from './endpoint.ts';
export { checkOrigin, chooseProtocol, readHandshake, wantsWebSocket, type Handshake, type Origins } from './handshake.ts';
export type * from './hooks.ts';
export { MessageEnds } from './message-ends.ts';
export { deflateOffers } from './offers.ts';
