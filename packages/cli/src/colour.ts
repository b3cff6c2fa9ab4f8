// colour.ts: colours on terminals, and nowhere else.

import { wantsColour, type Paint, paintOf } from '@appserve/core';

/** For what is written to that stream. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return paintOf(wantsColour(stream.isTTY, process.env));
}
