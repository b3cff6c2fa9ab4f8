// options/process.ts: who the process is, and where operators find it.

import { fileMask, optional, path, pathOrNone, text, textOrNone, type Options } from '@appserve/core/options';

export const processOptions = {
  pidfile: optional(
    path(),
    'A file that holds the process id while the server runs; one of a process that is gone is replaced. A relative path begins at the working directory.',
  ),
  user: optional(
    text('a user, by name or number', 'USER'),
    'Become this user when all sockets are open and before any app is loaded: with its groups, for good. Only root can.',
  ),
  group: optional(text('a group, by name or number', 'GROUP'), 'Become this group; that of user when left out.'),
  umask: optional(fileMask(), 'What new files of the app do not get; as it is inherited when left out.'),
  chdir: optional(
    path('the path of a folder'),
    'The working directory of the app; sockets, the pidfile and the log still begin at the one that the server is started in.',
  ),
  metrics: optional(
    textOrNone('an address: host:port, [v6]:port, :port, /path.sock or unix:path', 'ADDRESS'),
    'Where the main thread tells how it goes, apart from the app: a status page at /, Prometheus at /metrics, /-/live and /-/ready. Nobody is asked who he is there: an address that only those reach who may know. None, or left out: nowhere. See docs/guide/observability.md.',
    'granian',
  ),
  control_socket: optional(
    pathOrNone('the path of a unix socket'),
    'Where appserve status, top, reload, scale and stop find the server: a unix socket with mode 0600, made as user and group. A relative path begins at the folder of the ini, and without one at the working directory. None, or left out: nowhere.',
    'gunicorn',
  ),
} as const satisfies Options;
