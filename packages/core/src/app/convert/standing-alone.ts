// app/convert/standing-alone.ts: what a gateway app is told of its server where that is not ours, or not known.

import type { GatewayServer } from '../environ.ts';

export const STANDING_ALONE: GatewayServer = Object.freeze({
  software: 'appserve',
  errors: {
    write: (text: string) => console.error(text.replace(/\n$/, '')),
    writelines: (lines: Iterable<string>) => console.error([...lines].join('').replace(/\n$/, '')),
    flush: () => undefined,
  },
  multiprocess: false,
});
