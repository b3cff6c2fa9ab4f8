// The face of this folder: the FastCGI engine.

export { FastcgiConnection } from './connection.ts';
export type { FastcgiEvent } from './events.ts';
export { FASTCGI_LIMITS, type FastcgiLimits } from './limits.ts';
export type { Role } from './records.ts';
export type { BodyStream, FastcgiRequest, RequestPhase } from './request.ts';
export { OUR_MOVES, STREAMS } from './state.ts';
