// fastcgi-place.ts: where a FastCGI server listens.

import { whyNotListening } from './listen/descriptor.ts';
import type { FastcgiOptionValues } from './settings.ts';

/** Where gevent-fastcgi listens when nothing is said. */
const PORT = 5_000;
/** FCGI_LISTENSOCK_FILENO (FastCGI 1.0 §2.2): where a web server, or spawn-fcgi, passes the socket that it has bound. */
const LISTENSOCK = 0;

type Place = Pick<FastcgiOptionValues, 'socket' | 'host' | 'port'>;

/** What is said; else the socket on descriptor 0, where there is one that listens; else gevent-fastcgi's port. */
export function withPlace<V extends Place>(values: V): V {
  const { socket, host, port } = values;
  if (socket !== undefined) return values;
  if (host === undefined && port === undefined && whyNotListening(LISTENSOCK) === undefined)
    return { ...values, socket: [`fd:${LISTENSOCK}`] };
  return { ...values, port: port ?? PORT };
}
