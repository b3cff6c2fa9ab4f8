// The face of this folder. It brings zod: for the main thread only, never for a worker.

export {
  bool,
  checked,
  choice,
  count,
  countOr,
  exported,
  fileMask,
  fileMode,
  list,
  parsed,
  path,
  pathOr,
  pathOrNone,
  seconds,
  secret,
  size,
  text,
  textOrNone,
  type Kind,
  type Unit,
} from './kinds.ts';
export { camelCase, kebabCase, type CamelCase } from './names.ts';
export {
  option,
  optional,
  naming,
  OTHERS,
  others,
  required,
  together,
  type Given,
  type Option,
  type Options,
  type Settled,
} from './option.ts';
export { helpLines, jsonSchema, markdownTable } from './render.ts';
export { apiName, objectLayer, settle, type Entry, type Layer, type Origin, type Settlement } from './settle.ts';
