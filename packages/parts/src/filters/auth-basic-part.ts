// filters/auth-basic-part.ts: the options of `@appserve/parts#auth_basic`.

import { option, parsed, required, seconds, text } from '@appserve/core/options';
import { part } from '../part.ts';

export const authBasicPart = part({
  group: 'filter_factory',
  does: `Asks for a name and a password (RFC 7617), and looks them up in a file as \`htpasswd -B\` writes it: a name, a colon, and a bcrypt or
argon2 hash a line. The app finds the name in REMOTE_USER. The file is read when a worker starts: \`appserve reload\` reads it again. Over plain
http anybody on the way can read the password. A wrong password takes one hash of each kind and cost that the file has, so that nobody learns
which names are in it: one kind for all is quickest. One address may have 16 passwords under way in a worker, all together 64: beyond that the
answer is 503. Behind a proxy *proxy_headers* comes first.`,
  options: {
    users_file: option(text('a file', 'PATH'), required, 'The file with the names and the hashes; relative to the ini.'),
    realm: option(
      parsed((written) => (/^[\x20-\x7e]+$/.test(written) ? written : undefined), 'a line of ASCII', 'TEXT'),
      'restricted',
      'What the browser says that the password is for.',
    ),
    remember: option(
      seconds(),
      '60',
      'How long a password that was right is not hashed again: a hash takes 50 ms on purpose. 0: each request is.',
    ),
  },
  example: `
[app:main]
use = @appserve/parts#test
filter-with = members

[filter:members]
use = @appserve/parts#auth_basic
realm = Members
users_file = %(here)s/members.htpasswd
`,
  legacy: ['Paste#auth_basic'],
});
