// The face of this folder.

export { parseStructured, type Format } from './parse.ts';
export { languageOf, type Language } from './read.ts';
