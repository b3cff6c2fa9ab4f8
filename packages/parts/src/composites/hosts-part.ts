// composites/hosts-part.ts: the options of `@appserve/parts#hosts`.

import { naming, others, text, together } from '@appserve/core/options';
import { part } from '../part.ts';
import { hostMapOf } from './host-map.ts';

/** A name, a name whose first label is an asterisk, an address, or an asterisk alone. */
const HOST = /^(?:\*|(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])$/i;

export const hostsPart = part({
  group: 'composite_factory',
  does: `Gives each request to the app of its host: virtual hosts. The name itself wins, then the longest \`*.example.com\`, which stands for all
below \`example.com\` and not for that itself, then \`*\`. Ports do not count. A host that nobody has is answered with 421.`,
  options: together(
    {
      '*': naming(
        'value',
        others(text('the name of an app', 'APP'), 'HOST', 'The app of that host.', (key) => HOST.test(key)),
      ),
    },
    ({ others: names }) => void hostMapOf(names),
  ),
  example: `
[composite:main]
use = @appserve/parts#hosts
www.example.com = shop
*.example.com = customers
* = moved

[app:shop]
use = @appserve/parts#test
text = Shop

[app:customers]
use = @appserve/parts#test
text = Customers

[app:moved]
use = @appserve/parts#redirect
to = https://www.example.com
`,
});
