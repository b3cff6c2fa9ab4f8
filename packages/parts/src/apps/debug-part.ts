// apps/debug-part.ts: the options of `@appserve/parts#debug`.

import { list, option } from '@appserve/core/options';
import { addresses } from '../filters/addresses-part.ts';
import { part } from '../part.ts';

export const debugPart = part({
  group: 'app_factory',
  does: `Shows the environ of the request, as text, and what \`[DEFAULT]\` says: to see what a server, a proxy or a filter makes of requests. Cookies,
credentials, names and passwords in URLs, and whatever is called a key, a token, a secret or a password are masked. That is done by names: a
secret that nobody can tell by its name is shown, so \`mask\` it.`,
  options: {
    allow: option(
      addresses,
      '127.0.0.0/8 ::1 unix',
      'Who may see it, `unix`: whoever comes by a unix socket; others get 403. Behind a proxy everybody has the address of the proxy, unless a filter says otherwise.',
    ),
    mask: option(list('words', 'WORDS'), '', 'Further words: a variable or a field with one of them in its name is masked too.'),
  },
  example: `
[app:main]
use = @appserve/parts#debug
mask = customer
`,
});
