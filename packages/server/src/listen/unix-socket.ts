// listen/unix-socket.ts: a listening unix socket and its file.
//
// Law: nobody ever meets a socket that does not listen or has the wrong mode or owner; only a file that is still ours is removed.

import { chmodSync, lchownSync, linkSync, lstatSync, statSync, unlinkSync, type Stats } from 'node:fs';
import net from 'node:net';
import { basename, dirname, join, resolve as absolute } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { Fault } from '@appserve/core';
import { formatAddress, type Address } from './address.ts';
import { fileAt, identityOf, isSameFile, removeIfOurs, removeStale, type FileIdentity } from '../own-file.ts';
import { groupOf, userOf } from '../process/accounts.ts';
import {
  bindFault,
  createServerHandle,
  listeningSocket,
  listenOn,
  type BoundHandle,
  type ListeningSocket,
} from './bound-handle.ts';

type UnixAddress = Address & { readonly type: 'unix' };

export interface UnixSettings {
  readonly backlog: number;
  /** Permissions of the file. */
  readonly socketMode: number;
  /** Names or numbers. */
  readonly socketOwner: string | undefined;
  readonly socketGroup: string | undefined;
}

/**
 * Bound under a name of its own, made ready, then linked into place, which fails where somebody else was faster; so libuv, which
 * unlinks the name it bound, cannot remove a successor's file (nodejs/node#19729).
 *
 * Faults: ADDRESS_IN_USE, ADDRESS_REFUSED, SOCKET_FILE_IN_THE_WAY, ACCOUNT_UNKNOWN.
 */
export async function openUnix(address: UnixAddress, settings: UnixSettings): Promise<ListeningSocket> {
  const { backlog, socketMode, socketOwner, socketGroup } = settings;
  const { path } = address;
  const uid = socketOwner === undefined ? KEEP : userOf('socket_owner', socketOwner).uid;
  const gid = socketGroup === undefined ? KEEP : groupOf('socket_group', socketGroup);
  const stale = await checkFree(address);
  const temporary = temporaryName(path);
  const handle = bindWithMode(temporary, socketMode);
  if (typeof handle === 'number') throw bindFault(address, handle);
  try {
    giveTo(temporary, address, uid, gid);
  } catch (error) {
    handle.close(); // and its file with it
    throw error;
  }
  // It closes the handle itself when it fails.
  listenOn(handle, address, backlog);
  try {
    const ours = putInPlace(temporary, path, stale);
    // The server may have another working directory by then, and another user.
    const file = absolute(path);
    return listeningSocket({ address, backlog, file, identity: identityOf(ours) }, handle, () => removeIfOurs(file, ours));
  } catch (error) {
    handle.close(); // and its file with it
    throw bindFault(address, (error as NodeJS.ErrnoException).errno!);
  }
}

/**
 * The file is made with its permissions. Afterwards chmod(2) would follow a link that the owner of the folder may have put in its
 * place, with the rights of root. Where this is no main thread, there is no umask to be set.
 */
function bindWithMode(path: string, mode: number): BoundHandle | number {
  if (!isMainThread) {
    const handle = createServerHandle(path, -1, -1, undefined, 0);
    if (typeof handle !== 'number') chmodSync(path, mode);
    return handle;
  }
  const before = process.umask(~mode & 0o777);
  try {
    return createServerHandle(path, -1, -1, undefined, 0);
  } finally {
    process.umask(before);
  }
}

/** chown(2): not to be changed. */
const KEEP = 2 ** 32 - 1;

function giveTo(file: string, address: UnixAddress, uid: number, gid: number): void {
  if (uid === KEEP && gid === KEEP) return;
  try {
    lchownSync(file, uid, gid);
  } catch (cause) {
    const why =
      'only root may give a socket to another user (socket_owner), or to a group that it is not in itself (socket_group)';
    throw new Fault('ADDRESS_REFUSED', { address: formatAddress(address), why }, { cause });
  }
}

/**
 * What the options say otherwise of a socket's file that another process has made; nothing when it is as they say. It is not changed: by
 * its name it could be any file by now, and chmod(2) follows links. Faults: ACCOUNT_UNKNOWN.
 */
export function differenceOf(file: string, { socketMode, socketOwner, socketGroup }: UnixSettings): string | undefined {
  const there = fileAt(file);
  if (there === undefined) return undefined;
  const { mode, uid, gid } = there;
  const wanted = [
    (mode & 0o777) === socketMode ? '' : `socket_mode = ${octal(socketMode)}`,
    socketOwner === undefined || userOf('socket_owner', socketOwner).uid === uid ? '' : `socket_owner = ${socketOwner}`,
    socketGroup === undefined || groupOf('socket_group', socketGroup) === gid ? '' : `socket_group = ${socketGroup}`,
  ].filter((one) => one !== '');
  if (wanted.length === 0) return undefined;
  const is = `mode ${octal(mode & 0o777)}, user ${uid}, group ${gid}`;
  return `${file} was left by another process and stays as it is (${is}): ${wanted.join(', ')} needs a restart`;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** A socket's file that another process has made, and left to this one. `left`: which one that was; older versions do not say. */
export function fileOf(path: string, left: FileIdentity | undefined): LeftFile {
  const file = absolute(path);
  const there = fileAt(file);
  const ours = left ?? there;
  const remove = (): void => (ours === undefined ? undefined : removeIfOurs(file, ours));
  const isThere = ours !== undefined && isSameFile(there, ours);
  const lost = there === undefined ? `${file} is gone` : `another server has ${file} by now`;
  const note = isThere ? undefined : `${lost}: nobody finds this one by it; that needs a restart`;
  return { file, ...(ours && { identity: identityOf(ours) }), note, remove };
}

interface LeftFile {
  readonly file: string;
  readonly identity?: FileIdentity;
  /** Why nobody connects by it, where that is so. */
  readonly note: string | undefined;
  readonly remove: () => void;
}

/** Gives the file that stands under `path` afterwards. Throws errors of the system. */
function putInPlace(temporary: string, path: string, stale: Stats | undefined): Stats {
  if (stale !== undefined) removeStale(path, stale, temporaryName(path));
  linkSync(temporary, path);
  unlinkSync(temporary);
  return lstatSync(path);
}

/**
 * A file of a server that is gone may be replaced, and is given; one that somebody answers on, or that is no socket, is not ours to
 * touch.
 */
async function checkFree(address: UnixAddress): Promise<Stats | undefined> {
  const folder = dirname(address.path);
  if (!isFolder(folder)) {
    const hint = 'create the folder (RuntimeDirectory= of a systemd service does), or choose another path';
    throw new Fault('ADDRESS_REFUSED', { address: formatAddress(address), why: `there is no folder ${folder}`, hint });
  }
  const there = fileAt(address.path);
  if (there === undefined) return undefined;
  if (!there.isSocket()) throw new Fault('SOCKET_FILE_IN_THE_WAY', { path: address.path });
  const error = await probe(address.path);
  if (error === 'EACCES') throw new Fault('ADDRESS_REFUSED', { address: formatAddress(address), why: NOT_OURS });
  if (error !== 'ECONNREFUSED' && error !== 'ENOENT') throw new Fault('ADDRESS_IN_USE', { address: formatAddress(address) });
  return there;
}

/** Also where a part of the path is a file, for which stat has an error of its own. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

const NAMES_MAX = 100;

/** A free name beside `path`, as long as that: where a path is as long as it may be, so is this. */
function temporaryName(path: string): string {
  const { length } = basename(path);
  for (let attempt = 0; attempt < NAMES_MAX; attempt += 1) {
    const random = crypto.getRandomValues(Buffer.alloc(length)).toString('base64url').slice(0, length);
    const name = join(dirname(path), length > 2 ? `.${random.slice(1)}` : random);
    if (fileAt(name) === undefined && name !== path) return name;
  }
  throw new Fault('ADDRESS_REFUSED', { address: `unix:${path}`, why: 'there is no free name beside it' });
}

const NOT_OURS = 'there is a socket of another user, and permission to ask whether a server listens on it is denied';

/** Whether somebody answers: nothing, or the name of the error. */
async function probe(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
}
