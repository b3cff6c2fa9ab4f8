// filters/profile-part.ts: the options of `@appserve/parts#profile`.

import { count, option, required, seconds, text } from '@appserve/core/options';
import { part } from '../part.ts';

export const profilePart = part({
  group: 'filter_factory',
  does: `Writes a CPU profile for a request to a file, which Chrome's DevTools and most editors open. One request a worker is looked at, at a
time: what else the worker does meanwhile is in the profile too. A loop that V8 made quick while nobody was looking counts for whoever has called
its function. For development: a profiler costs.`,
  options: {
    folder: option(text('a folder', 'PATH'), required, 'Where the files are written; it is made when it is missing.'),
    every: option(count({ min: 1 }), '1', 'Look at each so-manieth request only.'),
    max_time: option(seconds({ minMs: 1 }), '10', 'How long one is looked at; an answer or a WebSocket that goes on is let go.'),
    max_files: option(count({ min: 1 }), '100', 'How many files a worker writes before it stops to look.'),
  },
  example: `
[app:main]
use = @appserve/parts#test
filter-with = profile

[filter:profile]
use = @appserve/parts#profile
folder = %(here)s/profiles
every = 100
`,
  legacy: ['Paste#profile'],
});
