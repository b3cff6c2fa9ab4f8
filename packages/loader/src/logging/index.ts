// The face of this folder: the literals of Python, for tests and for tools that read inis of Python projects.

export { NotALiteral, parseLiteral, type Literal } from './literal.ts';
