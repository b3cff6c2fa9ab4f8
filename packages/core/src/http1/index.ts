// The face of this folder: the HTTP/1.1 engine.

export { Http1Connection, type Phase } from './connection.ts';
export type { Http1Event } from './events.ts';
export { HTTP1_LIMITS, type Http1Limits } from './limits.ts';
export type { Output } from '../output.ts';
export type { ResponseStyle } from './response-writer.ts';
export { OUR_MOVES, PEER_MOVES } from './state.ts';
export type { TargetPolicy } from '../message/target.ts';
