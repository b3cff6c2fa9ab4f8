// The face of this folder: HTTP/2 as far as it is not frames: which fields a request and its answer have.

export { AnswerBody } from './answer-body.ts';
export { answerFields, fieldsOf, refusalFields, type AnswerFields, type AnswerStyle } from './answer-fields.ts';
export { HTTP2_LIMITS, type Http2Limits } from './limits.ts';
export { readRequestFields, readTrailerFields } from './request-fields.ts';
