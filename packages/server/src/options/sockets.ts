// options/sockets.ts: where a server listens.

import { count, fileMode, list, option, optional, text, type Options } from '@appserve/core/options';
import { ADDRESS_FORMS } from '../listen/address.ts';

export const socketsOptions = {
  socket: optional(
    list(`addresses: ${ADDRESS_FORMS}`, 'ADDRESS'),
    `Where to listen: ${ADDRESS_FORMS}; several may be given, parted by white space. Port 0 takes any free port, no host every interface, a host name all of its addresses; a relative path begins at the working directory. fd:N is a descriptor that listens already, systemd (or None) all that systemd passed, systemd:NAME those of one FileDescriptorName. See docs/guide/sockets.md.`,
    'Pyruvate',
  ),
  host: optional(
    text('a host name or address', 'HOST'),
    'Another spelling of one TCP socket, with port; 127.0.0.1 where port stands alone.',
    'gevent-fastcgi',
  ),
  port: optional(count({ max: 65_535 }), 'Another spelling of one TCP socket, with or without host.', 'gevent-fastcgi'),
  socket_mode: option(
    fileMode(),
    '0660',
    'Who may connect to a unix socket: the owner, the group and the others, as for files; whatever the umask is.',
    'gevent-fastcgi',
  ),
  socket_owner: optional(
    text('a user, by name or number', 'USER'),
    'Whom a unix socket belongs to; the user that starts the server when left out.',
    'gevent-fastcgi',
  ),
  socket_group: optional(
    text('a group, by name or number', 'GROUP'),
    'The group of a unix socket; that of the user that starts the server when left out.',
    'gevent-fastcgi',
  ),
  backlog: option(
    count({ min: 1 }),
    '1024',
    'Connections that the kernel queues for the workers; an inherited socket keeps the queue that it has.',
    'gevent',
  ),
} as const satisfies Options;
