// apps/redirect-part.ts: the options of `@appserve/parts#redirect`.

import { choice, option, parsed, required } from '@appserve/core/options';
import { part } from '../part.ts';

/** An address without a path; nothing where there is more. */
function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, href, origin } = new URL(text);
  return /^https?:$/.test(protocol) && href === `${origin}/` ? origin : undefined;
}

export const redirectPart = part({
  group: 'app_factory',
  does: 'Sends every request elsewhere, to another host or from http to https. Its path and query stay.',
  options: {
    to: option(parsed(originOf, 'an address without a path, such as https://www.example.com', 'URL'), required, 'Where to.'),
    status: option(
      choice('301', '302', '303', '307', '308'),
      '308',
      'With 307 and 308 a client keeps its method and its body, with 301 and 308 it may remember the new address.',
    ),
  },
  example: `
[app:main]
use = @appserve/parts#redirect
to = https://www.example.com
`,
});
