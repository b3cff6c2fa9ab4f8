// options/logging.ts: what is written, where, and how.

import { bool, checked, choice, option, optional, pathOr, type Options } from '@appserve/core/options';
import { LEVELS } from '../log.ts';
import { whyNoFormat } from '../logging/access/access-log.ts';
import { isLogObject, type LogObject } from '../logging/log-object.ts';

export const loggingOptions = {
  async_logging: option(
    bool(),
    'true',
    'Write log records on a thread of its own, one for the whole process: no worker waits for its log. false: a worker waits until its record is written.',
    'Pyruvate',
  ),
  log: optional(
    pathOr<LogObject>(
      isLogObject,
      'the path of a file, - for standard output, a logger of the ini, or None; from TypeScript also an object with write or log',
      'LOG',
    ),
    'Where the access log goes, a line for each answer; left out, or None: there is none. A file is appended to and opened again at SIGUSR1.',
    'gevent',
  ),
  access_log_format: option(
    checked(whyNoFormat, 'common, combined, json, or a format with atoms such as %(h)s', 'FORMAT'),
    'combined',
    'What a line of the access log has: common and combined as Apache has them, json, or a format with the atoms of gunicorn. A percent sign of an ini is written %%. See docs/guide/logging.md.',
    'gunicorn',
  ),
  error_log: optional(
    pathOr<LogObject>(
      isLogObject,
      'the path of a file, - for stderr, a logger of the ini, or None; from TypeScript also an object with write or log',
      'LOG',
    ),
    'Where the log goes: a file that is appended to and opened again at SIGUSR1, or -, which is stderr; a logger of the logging sections of the ini; None: nowhere. Left out, where the logging sections say, else stderr. It is opened as user and group. A relative path begins at the working directory that the server is started in.',
    'gevent',
  ),
  log_format: option(
    choice('auto', 'text', 'pretty', 'json'),
    'auto',
    'How records look where no logging section says it: text; pretty: with colours; json: as pino writes them. auto: pretty on a terminal, else text.',
  ),
  log_request_id: option(
    bool(),
    'false',
    'Give each record that an app logs while it answers a request the id of that request, without being asked to. It costs each request some time: see docs/guide/logging.md.',
  ),
  log_level: optional(
    choice(...LEVELS),
    'What is logged: this level and above. Left out, what the logging sections of the ini say, else info.',
  ),
} as const satisfies Options;
