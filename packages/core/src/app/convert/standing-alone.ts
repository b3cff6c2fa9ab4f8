// app/convert/standing-alone.ts: what a gateway app is told of its server where that is not ours, or not known.

import type { GatewayServer } from '../environ.ts';

/** An error that no client hears of any more, where there is no log. */
export function logAlone(error: unknown): void {
  console.error(error);
}

export const STANDING_ALONE: GatewayServer = Object.freeze({
  software: 'appserve',
  errors: {
    write: (text: string) => console.error(text.replace(/\n$/, '')),
    writelines: (lines: Iterable<string>) => console.error([...lines].join('').replace(/\n$/, '')),
    flush: () => undefined,
  },
  multiprocess: false,
});
