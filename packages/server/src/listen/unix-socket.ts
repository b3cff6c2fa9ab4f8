// listen/unix-socket.ts: a listening unix socket and its file.
//
// Law: nobody ever meets a socket that does not listen or has the wrong mode; only a file that is still ours is removed.

import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, renameSync, statSync, unlinkSync, type Stats } from 'node:fs';
import net from 'node:net';
import { basename, dirname, join } from 'node:path';
import { Fault } from '@appserve/core';
import { formatAddress, type Address } from './address.ts';
import { bindFault, createServerHandle, listeningSocket, listenOn, type ListeningSocket } from './bound-handle.ts';

type UnixAddress = Address & { readonly type: 'unix' };

/** Permissions for everybody, as a TCP port has; a web server runs as another user. */
const SOCKET_MODE = 0o666;

/**
 * Bound under a name of its own, made ready, then renamed into place; so libuv, which unlinks the name it bound, cannot remove a
 * successor's file (nodejs/node#19729). Faults: ADDRESS_IN_USE, ADDRESS_REFUSED, SOCKET_FILE_IN_THE_WAY.
 */
export async function openUnix(address: UnixAddress, backlog: number): Promise<ListeningSocket> {
  const { path } = address;
  await checkFree(address);
  const temporary = temporaryName(path);
  const handle = createServerHandle(temporary, -1, -1, undefined, 0);
  if (typeof handle === 'number') throw bindFault(address, handle);
  chmodSync(temporary, SOCKET_MODE);
  listenOn(handle, address, backlog);
  renameSync(temporary, path);
  const ours = lstatSync(path);
  return listeningSocket(address, handle, () => {
    const there = statOf(path);
    if (there?.ino === ours.ino && there.dev === ours.dev) unlinkSync(path);
  });
}

/** A file of a server that is gone is replaced; one that somebody answers on, or that is no socket, is not ours to touch. */
async function checkFree(address: UnixAddress): Promise<void> {
  const folder = dirname(address.path);
  if (!isFolder(folder))
    throw new Fault('ADDRESS_REFUSED', { address: formatAddress(address), why: `there is no folder ${folder}` });
  const there = statOf(address.path);
  if (there === undefined) return;
  if (!there.isSocket()) throw new Fault('SOCKET_FILE_IN_THE_WAY', { path: address.path });
  if (await isAnswering(address.path)) throw new Fault('ADDRESS_IN_USE', { address: formatAddress(address) });
}

/** Also where a part of the path is a file, for which stat has an error of its own. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

const NAMES_MAX = 100;

/** A free name beside `path`, as long as that: where a path is as long as it may be, so is this. */
function temporaryName(path: string): string {
  const { length } = basename(path);
  for (let attempt = 0; attempt < NAMES_MAX; attempt += 1) {
    const random = randomBytes(length).toString('base64url').slice(0, length);
    const name = join(dirname(path), length > 2 ? `.${random.slice(1)}` : random);
    if (statOf(name) === undefined && name !== path) return name;
  }
  throw new Fault('ADDRESS_REFUSED', { address: `unix:${path}`, why: 'there is no free name beside it' });
}

async function isAnswering(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    // ECONNREFUSED and ENOENT: nobody. Anything else (EACCES) is somebody we may not talk to.
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'));
  });
}
