// The face of this folder: what an ini of Python may say of logging, for documents and tests.

export { HANDLERS } from './handlers.ts';
export { NotALiteral, parseLiteral, type Literal } from './literal.ts';
