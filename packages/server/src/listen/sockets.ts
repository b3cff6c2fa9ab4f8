// listen/sockets.ts: listening sockets: bound in the main thread, accepted from in the workers.
//
// Law: a socket listens from before the first worker until the server stops, so a worker that ends costs no queued connection.

import { parseAddress } from './address.ts';
import type { ListeningSocket } from './bound-handle.ts';
import { openTcp } from './tcp-socket.ts';
import { openUnix } from './unix-socket.ts';

export type { ListeningSocket };

export interface SocketSettings {
  /** Connections that the kernel queues. */
  readonly backlog: number;
  /** Permissions of unix sockets. */
  readonly socketMode: number;
}

/** Binds all of them or none. Faults: those of parseAddress, ADDRESS_IN_USE, ADDRESS_REFUSED, SOCKET_FILE_IN_THE_WAY. */
export async function openSockets(
  addresses: readonly string[],
  { backlog, socketMode }: SocketSettings,
): Promise<ListeningSocket[]> {
  const opened: ListeningSocket[] = [];
  try {
    for (const address of addresses.map(parseAddress)) {
      opened.push(address.type === 'unix' ? await openUnix(address, backlog, socketMode) : await openTcp(address, backlog));
    }
  } catch (error) {
    for (const socket of opened) socket.close();
    throw error;
  }
  return opened;
}
