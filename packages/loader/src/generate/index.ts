// The face of this folder: a build, and what authors of recipes need.

export { annotate, build, type BuildOptions, type Built } from './build.ts';
export type { Change, Changes } from './changes.ts';
export { diffOf } from './diff.ts';
export { makeFolders } from '../make-folders.ts';
export { headerOf, linesFrom, type GeneratedFile, type GeneratedLine, type GeneratedText } from './generated.ts';
export { INSTANCE_OPTIONS } from '../recipes/instance-options.ts';
export type { Part } from '../recipes/part.ts';
export { inShell } from '../recipes/quoting.ts';
export type { Made, Recipe } from '../recipes/recipe.ts';
