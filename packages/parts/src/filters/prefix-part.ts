// filters/prefix-part.ts: the options of `@appserve/parts#prefix`.

import { bool, choice, count, option, optional, parsed } from '@appserve/core/options';
import { part } from '../part.ts';
import { trustedOption } from './addresses-part.ts';
import { believeOption } from './believed-part.ts';

/** Without a slash at its end; the root is the empty path, as in SCRIPT_NAME. */
function prefixOf(text: string): string | undefined {
  return /^\/[\x21-\x7e]*$/.test(text) && !/[?#%]/.test(text) ? text.replace(/\/+$/, '') : undefined;
}

export const prefixPart = part({
  group: 'filter_factory',
  does: `For an app behind a web server that gives it a path of its own, and cuts that path off or not: the path is put into SCRIPT_NAME, so
that the addresses that the app makes are right. What the proxy says of the client is taken over where the proxy is trusted: X-Forwarded-For,
and -Scheme or -Proto; with \`believe = for proto host\` also -Host or -Server, which PasteDeploy believes of everybody. *proxy_headers* is
stricter, and has more to choose.`,
  options: {
    prefix: option(
      parsed(prefixOf, 'a path such as /blog', 'PATH'),
      '/',
      'The path where the app is. It is taken off the paths that have it, others stay.',
    ),
    translate_forwarded_server: option(bool(), 'true', 'Take over what a trusted proxy says in X-Forwarded-*.'),
    trusted: trustedOption,
    believe: believeOption,
    force_port: optional(count({ min: 1, max: 65_535 }), 'The port of all addresses, whatever the proxy says.'),
    scheme: optional(choice('http', 'https'), 'The scheme of all addresses, whatever the proxy says.'),
  },
  example: `
[app:main]
use = @appserve/parts#test
filter-with = below

[filter:below]
use = @appserve/parts#prefix
prefix = /blog
`,
  legacy: ['PasteDeploy#prefix'],
});
