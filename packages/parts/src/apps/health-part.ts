// apps/health-part.ts: the options of `@appserve/parts#health`.

import { optional, text } from '@appserve/core/options';
import { part } from '../part.ts';

export const healthPart = part({
  group: 'app_factory',
  does: `Says that the worker is there: 200, for balancers and containers that ask. It answers from the worker's own event loop, so one that
hangs does not. A balancer stops to send where \`down_file\` exists: \`touch\` it, wait until clients have gone, and stop the server.`,
  options: {
    down_file: optional(
      text('a path', 'FILE'),
      'While there is a file of that name, the answer is 503; a relative one stands beside the ini.',
    ),
  },
  example: `
[composite:main]
use = @appserve/parts#urlmap
/health = health
/ = site

[app:health]
use = @appserve/parts#health
down_file = %(here)s/down

[app:site]
use = @appserve/parts#test
`,
});
