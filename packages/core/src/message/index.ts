// The face of this folder: the words that all protocols share.

export { addressBytes, addressText } from './address.ts';
export { cgiHead, cgiRefusal, endOfCgiHead, hasContent, readCgiHead } from './cgi-response.ts';
export { CgiHead, type CgiPolicy } from './cgi-request.ts';
export { CgiVariable } from './cgi-variable.ts';
export { Fields, FIELDS_MAX } from './fields.ts';
export { isHost, withoutPort } from './host.ts';
export { RequestHead, type Framing, type RequestParts } from './request-head.ts';
export { ResponseHead } from './response-head.ts';
export { parseTraceContext, traceContextOf, type TraceContext } from './trace-context.ts';
export { checkInformational, isBodyless, reasonPhrase } from './status.ts';
