// The face of this folder: the waist between protocols and app contracts.

export { bytesOf, type Piece } from '../bytes.ts';
export { BodyQueue, NO_REQUEST_BODY, type RequestBody } from './body.ts';
export { requestIdIn } from './request-id.ts';
export { tlsFactsOf, type ClientCertificate, type TlsFacts } from './tls-facts.ts';
export type { Called, CgiFacts, ConnectionFacts, Exchange, Handler, TakenConnection } from './exchange.ts';
