// composites/urlmap-part.ts: the options of `@appserve/parts#urlmap`.

import { naming, optional, others, text, together } from '@appserve/core/options';
import { part } from '../part.ts';
import { meantBy, mountOf } from './mount-key.ts';
import { mountsOf } from './mounts.ts';

export const urlmapPart = part({
  group: 'composite_factory',
  does: `Gives each request to the app whose path it begins with; the longest one wins. The app finds the path in SCRIPT_NAME and the rest in
PATH_INFO, an Express app in \`baseUrl\` and \`url\`. Several slashes count as one. WebSockets go the same way.

Where a key names a host, \`domain example.com /blog\` or with a port \`domain example.com port 8080 /blog\`, it is for that host alone, and
comes before those for all. In YAML, JSON and from TypeScript it may be written \`http://example.com/blog\` too: an ini ends its keys at a colon.`,
  options: together(
    {
      not_found_app: naming(
        'value',
        optional(
          text('the name of an app', 'APP'),
          'The app for all other requests; it is asked with the path as it is. 404 where there is none, in `[DEFAULT]` neither.',
          'Paste',
        ),
      ),
      '*': naming(
        'value',
        others(
          text('the name of an app', 'APP'),
          '/PATH',
          'The app that stands there.',
          (key) => mountOf(key) !== undefined,
          meantBy,
        ),
      ),
    },
    ({ others: pairs }) => void mountsOf(pairs),
  ),
  example: `
[composite:main]
use = @appserve/parts#urlmap
/ = home
/blog = blog
domain static.example.com / = files

[app:home]
use = @appserve/parts#test
text = Home

[app:blog]
use = @appserve/parts#test
text = Blog

[app:files]
use = @appserve/parts#test
text = Files
`,
  legacy: ['Paste#urlmap'],
});
