// filters/session-cookie-part.ts: the options of `@appserve/parts#session_cookie`.

import { bool, choice, option, optional, parsed, required, seconds, together } from '@appserve/core/options';
import { part } from '../part.ts';
import { cookieName } from '../token-part.ts';
import { refuseWhatBrowsersRefuse } from './cookie-conflict.ts';

const SECRET_MIN = 32;

function secrets(text: string): readonly string[] | undefined {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return words.length > 0 && words.every((word) => word.length >= SECRET_MIN) ? words : undefined;
}

/** Nothing in it ends an attribute. */
function attribute(text: string): string | undefined {
  return /^[\x21-\x3a\x3c-\x7e]+$/.test(text) ? text : undefined;
}

export const sessionCookiePart = part({
  group: 'filter_factory',
  does: `Keeps what an app knows of a visitor in a cookie that the visitor can read but not change: \`environ['appserve.session']\` is an object whose
members are JSON; what the app puts there is there again at the next request. A fetch app finds it in \`context.environ\`, a node app by
\`environOf(request)\`. The cookie goes out with the head, which is \`private\` then: what is changed behind that is lost. It holds 4 KiB; more is an
error. A WebSocket of a node app sets none. To log somebody out, empty the object: a copy of an old cookie stays valid until it is too old.`,
  options: together(
    {
      secrets: option(
        parsed(secrets, `secrets of at least ${SECRET_MIN} characters, parted by blanks or lines`, 'SECRETS'),
        required,
        'The first signs, all of them are known: put a new one in front, and take the old one away when `max_age` has passed. `%(file:...)s` and `%(env:...)s` keep them out of the ini.',
      ),
      cookie: option(cookieName, 'session', 'Its name.'),
      max_age: option(seconds({ minMs: 1_000 }), '14400', 'How long it is valid, from the last time that it was sent.'),
      path: option(parsed(attribute, 'a path', 'PATH'), '/', 'Where it is sent to.'),
      domain: optional(parsed(attribute, 'a domain', 'DOMAIN'), 'Whose hosts it is sent to; the same host only when left out.'),
      secure: option(choice('auto', 'true', 'false'), 'auto', 'Send it over https only; auto: where it was made over https.'),
      http_only: option(bool(), 'true', 'Keep it from scripts of the page.'),
      same_site: option(choice('Lax', 'Strict', 'None'), 'Lax', 'Whether it comes along from other sites.'),
    },
    refuseWhatBrowsersRefuse,
  ),
  example: `
[app:main]
use = @appserve/parts#test
filter-with = session

[filter:session]
use = @appserve/parts#session_cookie
secrets = an-example-of-a-secret-that-is-no-secret
`,
});
