// filters/timeout-part.ts: the options of `@appserve/parts#timeout`.

import { option, seconds } from '@appserve/core/options';
import { part } from '../part.ts';

export const timeoutPart = part({
  group: 'filter_factory',
  does: `Answers with 503 when the app has not begun its answer after a time. The app is told (\`environ['wsgi.signal']()\` aborts, as does the
signal of a fetch app), but what it still does nobody can stop. An answer that has begun may take as long as it likes. A loop that never lets go
stops this clock too: that is what \`worker_timeout\` of the server is for.`,
  options: { limit: option(seconds({ minMs: 1 }), '30', 'How long the app may take to begin.') },
  example: `
[app:main]
use = @appserve/parts#test
filter-with = patience

[filter:patience]
use = @appserve/parts#timeout
limit = 10
`,
});
