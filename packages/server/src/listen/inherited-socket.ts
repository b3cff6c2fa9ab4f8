// listen/inherited-socket.ts: a socket that listens already when the process begins: of systemd, or of whoever started us.
//
// Law: it stays as it was made. Its queue keeps its length, its file is never touched, and it is known under its real address.

import { Fault } from '@appserve/core';
import { formatAddress, urlOf, type Address, type InheritedAddress } from './address.ts';
import { hasInherited } from './heirlooms.ts';
import { listeningSocket, listenOn, type ListeningSocket } from './bound-handle.ts';
import type { FileIdentity } from '../own-file.ts';
import { addressOfName } from './socket-name.ts';
import { boundName, closeDescriptor, closeOnExec, duplicate, tcpBacklogOf, whyNotListening } from './descriptor.ts';
import { chosen, passedSockets } from './passed-sockets.ts';
import { unixBacklogOf } from './unix-queue.ts';
import { differenceOf, fileOf, type UnixSettings } from './unix-socket.ts';

/** The descriptors that a server of this process listens on, lest a second one takes them too. */
const inUse = new Set<number>();

/**
 * `backlog`: where the kernel does not tell how long the queue is. `heirloom`: the numbers that they have here, where this process takes
 * the place of one that had them. Faults: SOCKETS_NOT_PASSED, DESCRIPTOR_UNUSABLE.
 */
export function openInherited(written: InheritedAddress, backlog: number, heirloom?: readonly number[]): ListeningSocket[] {
  const passed = heirloom === undefined ? passedTo(written) : heirloom.map((fd) => ({ fd }));
  const opened: ListeningSocket[] = [];
  try {
    for (const { fd } of passed) opened.push(openDescriptor(written, fd, backlog));
  } catch (error) {
    for (const socket of opened) socket.close();
    throw error;
  }
  return opened;
}

function passedTo(written: InheritedAddress): readonly { readonly fd: number }[] {
  return written.type === 'fd' ? [{ fd: written.fd }] : chosen(passedSockets(written.name), written.name);
}

function openDescriptor(written: InheritedAddress, fd: number, backlog: number): ListeningSocket {
  if (inUse.has(fd)) throw unusable(written, fd, 'is taken already by another address', 'name it once');
  const why = whyNotListening(fd);
  if (why !== undefined) throw unusable(written, fd, why);
  const bound = addressOfName(boundName(fd));
  if (bound === undefined) throw unusable(written, fd, 'is neither TCP nor a unix socket');
  closeOnExec(fd);
  inUse.add(fd);
  const close = (): void => {
    if (inUse.delete(fd)) closeDescriptor(fd);
  };
  const queue = bound.type === 'tcp' ? tcpBacklogOf(fd) : unixBacklogOf(fd);
  const length = Math.max(1, queue ?? backlog);
  return {
    address: bound,
    url: urlOf(bound),
    backlog: length,
    fd,
    duplicate: () => duplicate(fd),
    bequeath: nothing,
    regain: nothing,
    close,
  };
}

const HINTS = {
  systemd: 'the socket unit needs ListenStream= and Accept=no',
  fd: 'whoever starts the server must bind the socket, listen on it, and pass it on under that number',
} as const;

function unusable(written: InheritedAddress, fd: number, why: string, hint: string = HINTS[written.type]): Fault {
  return new Fault('DESCRIPTOR_UNUSABLE', { address: formatAddress(written), fd, why, hint });
}

function nothing(): void {
  // No file of it is ours to remove.
}

/**
 * What the process whose place this one takes has left for an address that it had bound itself. `left`: its file. Faults: DESCRIPTOR_UNUSABLE,
 * ADDRESS_REFUSED, ACCOUNT_UNKNOWN.
 */
export function openHeirloom(
  written: Address,
  fd: number,
  left: FileIdentity | undefined,
  settings: UnixSettings,
): ListeningSocket {
  const { backlog } = settings;
  const why = whyNotListening(fd);
  const bound = why === undefined ? addressOfName(boundName(fd)) : undefined;
  if (bound === undefined) throw unusable({ type: 'fd', fd }, fd, why ?? 'is neither TCP nor a unix socket');
  closeOnExec(fd);
  const handle = { fd, close: () => closeDescriptor(fd) };
  listenOn(handle, written, backlog);
  // A unix socket was bound under another name than that of its file.
  if (written.type === 'tcp') return listeningSocket({ address: bound, backlog }, handle);
  const { remove, note: lost, ...file } = fileOf(written.path, left);
  const note = lost ?? differenceOf(file.file, settings);
  return listeningSocket({ address: written, backlog, ...file, ...(note !== undefined && { note }) }, handle, () =>
    hasInherited() ? remove() : undefined,
  );
}
