// filters/translogger-part.ts: the options of `@appserve/parts#translogger`.

import { bool, option, optional, parsed, text, type Kind } from '@appserve/core/options';
import { part } from '../part.ts';
import { isFormat, PASTE_FORMAT } from './access-line.ts';

/** Python's names, and what our loggers call them. */
const LEVELS = {
  CRITICAL: 'fatal',
  FATAL: 'fatal',
  ERROR: 'error',
  WARNING: 'warn',
  WARN: 'warn',
  INFO: 'info',
  DEBUG: 'debug',
} as const;

type LevelName = keyof typeof LEVELS;

function level(): Kind<(typeof LEVELS)[LevelName], ''> {
  const read = (given: string): (typeof LEVELS)[LevelName] | undefined => {
    const name = given.toUpperCase();
    return Object.hasOwn(LEVELS, name) ? LEVELS[name as LevelName] : undefined;
  };
  return parsed(read, 'a level: DEBUG, INFO, WARNING, ERROR or CRITICAL', 'LEVEL');
}

export const transloggerPart = part({
  group: 'filter_factory',
  does: `Writes a line for each answer of the app to a logger of the ini, in the manner of Apache. A line is written when the answer begins: its
size is what Content-Length says. An app that fails before has none. A WebSocket of a node app is a 101, also where the app refuses
it, which it does on the socket itself. The access log of the server (\`log\`) has a line for each, and knows what was sent.

A format has \`%(REMOTE_ADDR)s\`, \`%(REMOTE_USER)s\`, \`%(time)s\` (when the request came), \`%(REQUEST_METHOD)s\`, \`%(REQUEST_URI)s\`,
\`%(HTTP_VERSION)s\`, \`%(status)s\`, \`%(bytes)s\` and, as \`%(HTTP_REFERER)s\`, any field of the request; percent signs are written twice in an ini.
Paste believes X-Forwarded-For, whoever says it; here the client is \`REMOTE_ADDR\`. Behind a proxy, put this filter behind \`proxy_headers\` or
\`prefix\`.`,
  options: {
    logger_name: option(text('the name of a logger', 'NAME'), 'wsgi', 'Who says it.', 'Paste'),
    format: option(
      parsed(
        (given) => (isFormat(given) ? given : undefined),
        'a line with fields such as %(status)s, all of which are known',
        'FORMAT',
      ),
      PASTE_FORMAT,
      'What stands in a line.',
      'Paste',
    ),
    logging_level: option(level(), 'INFO', 'How grave a line is.', 'Paste'),
    set_logger_level: optional(
      level(),
      'From which level on these lines are logged, whatever the ini and operators say of the logger. Left out, they say it; with Paste it is DEBUG.',
      'Paste',
    ),
    setup_console_handler: option(
      bool(),
      'false',
      'Write lines to standard error as they are, and to no handler of the logger. With Paste this is the default.',
      'Paste',
    ),
  },
  example: `
[app:main]
use = @appserve/parts#test
filter-with = translogger

[filter:translogger]
use = @appserve/parts#translogger
format = %%(REMOTE_ADDR)s "%%(REQUEST_METHOD)s %%(REQUEST_URI)s" %%(status)s

[loggers]
keys = root, wsgi

[handlers]
keys = console, accesslog

[formatters]
keys = message

[logger_root]
level = INFO
handlers = console

[logger_wsgi]
level = INFO
handlers = accesslog
qualname = wsgi
propagate = 0

[handler_console]
class = StreamHandler
args = (sys.stderr,)

[handler_accesslog]
class = FileHandler
args = (r'%(here)s/access.log', 'a')
formatter = message

[formatter_message]
format = %(message)s
`,
  legacy: ['Paste#translogger'],
});
