// The face of this folder: the language of a buildout.cfg, without recipes.

export { annotated } from './annotate.ts';
export { layerOf, type Layer } from './assignment.ts';
export type { Machine } from './condition.ts';
export { Merged } from './merge.ts';
export { readLayers, type Source } from './read.ts';
export { Configuration } from './substitute.ts';
