// apps/cgi-part.ts: the options of `@appserve/parts#cgi`.

import { bool, count, list, option, required, seconds, text } from '@appserve/core/options';
import { part } from '../part.ts';

export const cgiPart = part({
  group: 'app_factory',
  does: `Runs a CGI program (RFC 3875) for each request: the request in its environment, with REQUEST_URI as web servers have it, and its
standard input, the answer from its standard output, piece by piece. What it writes to standard error stands in the log. It is killed when the
client goes, or when its time is over: 504, where it has not answered yet. A program that fails before it has answered is a 500.`,
  options: {
    script: option(
      text('the path of a program', 'PATH'),
      required,
      'The program; a relative path is looked up beside the ini. It runs in the folder where it stands.',
      'Paste',
    ),
    args: option(list('words', 'WORDS'), '', 'Arguments.'),
    include_os_environ: option(
      bool(),
      'false',
      'Whether it gets the environment of the server too, with all that is secret there. PATH it gets anyway. True in Paste.',
      'Paste',
    ),
    pass_authorization: option(
      bool(),
      'false',
      'Whether it gets HTTP_AUTHORIZATION, where it asks for passwords itself. REMOTE_USER, which *auth_basic* sets, it gets anyway. Always passed in Paste.',
    ),
    timeout: option(seconds({ off: true, minMs: 10 }), '60s', 'How long it may run; 0: as long as it likes.'),
    processes: option(count({ min: 1 }), '8', 'How many may run at a time in one worker; further requests get 503.'),
  },
  example: `
[app:main]
use = @appserve/parts#cgi
script = %(here)s/cgi-bin/hello.sh
timeout = 10s
`,
  legacy: ['Paste#cgi'],
});
