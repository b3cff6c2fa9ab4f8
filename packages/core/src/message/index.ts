// The face of this folder: the words that all protocols share.

export { Fields, FIELDS_MAX } from './fields.ts';
export { isHost } from './host.ts';
export { RequestHead, type Framing, type RequestParts } from './request-head.ts';
export { ResponseHead } from './response-head.ts';
export { isBodyless, reasonPhrase } from './status.ts';
