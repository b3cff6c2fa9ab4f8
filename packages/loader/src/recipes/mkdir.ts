// recipes/mkdir.ts: folders. `paths`, one a line, relative to the folder of the configuration; with the part they go when they are empty.

import type { Made } from './recipe.ts';
import type { Part } from './part.ts';

/** Faults: PART_OPTION. */
export function mkdir(part: Part): Made {
  part.required('paths');
  const folders = part.lines('paths').map(({ text }) => part.path(text));
  return { folders, values: { path: folders[0]! } };
}
