// fastcgi-place.ts: where a FastCGI server listens.

import { whyNotListening } from './listen/descriptor.ts';
import { testament } from './listen/heirlooms.ts';
import { arePassed } from './listen/passed-sockets.ts';
import type { FastcgiOptionValues } from './settings.ts';

/** Where gevent-fastcgi listens when nothing is said. */
const PORT = 5_000;
/** FCGI_LISTENSOCK_FILENO (FastCGI 1.0 §2.2): where a web server, or spawn-fcgi, passes the socket that it has bound. */
const LISTENSOCK = 0;
const STARTED = `fd:${LISTENSOCK}`;

type Place = Pick<FastcgiOptionValues, 'socket' | 'host' | 'port'>;

/** What is said; else the socket on descriptor 0, where there is one that listens; else what systemd passed; else gevent-fastcgi's port. */
export function withPlace<V extends Place>(values: V): V {
  const { socket, host, port } = values;
  if (socket !== undefined) return values;
  const isUnsaid = host === undefined && port === undefined;
  if (isUnsaid && isStarted()) return { ...values, socket: [STARTED] };
  if (isUnsaid && arePassed()) return { ...values, socket: ['systemd'] };
  return { ...values, port: port ?? PORT };
}

/** Whoever has passed a socket that nobody accepts from has no answer from it: that is to be said. */
export function unusedSocket({ socket, host, port }: Place): string | undefined {
  const isSaid = host !== undefined || port !== undefined || socket?.includes(STARTED) === false;
  if (!isSaid || !isStarted()) return undefined;
  return 'standard input is a listening socket, which is not used, since the ini says another place: leave out socket, host and port';
}

/** By a web server, or in the place of a process that was. */
function isStarted(): boolean {
  const isLeft = testament()?.sockets.some(({ written }) => written === STARTED) === true;
  return isLeft || whyNotListening(LISTENSOCK) === undefined;
}
