// listen/sockets.ts: listening sockets: bound here in the main thread, accepted from in the workers.
//
// Law: the socket listens from before the first worker until after the last one, so a worker that ends costs no queued
// connection; and only a socket file that is still ours is removed.

import { randomUUID } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { chmodSync, lstatSync, renameSync, unlinkSync, type Stats } from 'node:fs';
import net from 'node:net';
import { basename, dirname, join } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { Fault } from '@appserve/core';
import { formatAddress, parseAddress, urlOf, type Address } from './address.ts';
import { duplicate, startListening } from './descriptor.ts';

export interface ListeningSocket {
  /** As bound: with the port that the system chose. */
  readonly address: Address;
  readonly url: string;
  /** A descriptor of its own for a worker. */
  duplicate(): number;
  close(): void;
}

/** Binds all of them or none. Faults: those of parseAddress, ADDRESS_IN_USE, ADDRESS_REFUSED, SOCKET_FILE_IN_THE_WAY. */
export async function openSockets(addresses: readonly string[], backlog: number): Promise<ListeningSocket[]> {
  const opened: ListeningSocket[] = [];
  try {
    for (const address of addresses.map(parseAddress)) {
      opened.push(address.type === 'unix' ? await openUnix(address, backlog) : await openTcp(address, backlog));
    }
  } catch (error) {
    for (const socket of opened) socket.close();
    throw error;
  }
  return opened;
}

/** What node:cluster binds with; undocumented, the same in Node 20 to 26. A number is a negative errno. */
interface BoundHandle {
  readonly fd: number;
  getsockname(out: { address?: string; port?: number }): number;
  close(): void;
}
type CreateServerHandle = (
  address: string,
  port: number,
  addressType: 4 | 6 | -1,
  fd?: number,
  flags?: number,
) => BoundHandle | number;
const { _createServerHandle: createServerHandle } = net as unknown as { _createServerHandle: CreateServerHandle };

async function openTcp(address: Address & { type: 'tcp' }, backlog: number): Promise<ListeningSocket> {
  const handle = await bindTcp(address);
  const name: { address?: string; port?: number } = {};
  // libuv keeps a failed bind to itself until the first use of the handle.
  const failed = handle.getsockname(name);
  if (failed !== 0) throw closing(handle, bindFault(address, failed));
  const refused = startListening(handle.fd, backlog);
  if (refused !== undefined) throw closing(handle, codeFault(address, refused.code, refused.text));
  const bound: Address = { type: 'tcp', host: name.address ?? address.host, port: name.port ?? address.port };
  return { address: bound, url: urlOf(bound), duplicate: () => duplicate(handle.fd), close: () => handle.close() };
}

/** No host is every interface: IPv6 with IPv4 in it where the machine has it, else IPv4. */
async function bindTcp(address: Address & { type: 'tcp' }): Promise<BoundHandle> {
  if (address.host === '') {
    const both = createServerHandle('::', address.port, 6, undefined, 0);
    if (typeof both !== 'number') return both;
  }
  const host = address.host === '' ? '0.0.0.0' : await resolved(address);
  const handle = createServerHandle(host, address.port, net.isIPv6(host) ? 6 : 4, undefined, 0);
  if (typeof handle === 'number') throw bindFault(address, handle);
  return handle;
}

async function resolved(address: Address & { type: 'tcp' }): Promise<string> {
  if (net.isIP(address.host) !== 0) return address.host;
  try {
    return (await lookup(address.host)).address;
  } catch (cause) {
    throw new Fault(
      'ADDRESS_REFUSED',
      { address: formatAddress(address), why: `the name ${address.host} is not known` },
      { cause },
    );
  }
}

/** Permissions of a unix socket for everybody, as a TCP port has; a web server runs as another user. */
const SOCKET_MODE = 0o666;

/**
 * Bound under a name of its own, made ready, then renamed into place: nobody ever meets a socket that does not listen or has
 * the wrong mode, and libuv, which unlinks the name it bound, cannot remove a successor's file (nodejs/node#19729).
 */
async function openUnix(address: Address & { type: 'unix' }, backlog: number): Promise<ListeningSocket> {
  const { path } = address;
  await checkFree(address);
  const temporary = join(dirname(path), `.${randomUUID().slice(0, Math.max(3, basename(path).length - 1))}`);
  const handle = createServerHandle(temporary, -1, -1, undefined, 0);
  if (typeof handle === 'number') throw bindFault(address, handle);
  try {
    chmodSync(temporary, SOCKET_MODE);
    const refused = startListening(handle.fd, backlog);
    if (refused !== undefined) throw codeFault(address, refused.code, refused.text);
    renameSync(temporary, path);
  } catch (error) {
    throw closing(handle, error);
  }
  const ours = lstatSync(path);
  const close = (): void => {
    handle.close();
    const there = statOf(path);
    if (there?.ino === ours.ino && there.dev === ours.dev) unlinkSync(path);
  };
  return { address, url: urlOf(address), duplicate: () => duplicate(handle.fd), close };
}

/** A file of a server that is gone is replaced; one that somebody answers on, or that is no socket, is not ours to touch. */
async function checkFree(address: Address & { type: 'unix' }): Promise<void> {
  const folder = dirname(address.path);
  if (statOf(folder) === undefined) {
    throw new Fault('ADDRESS_REFUSED', { address: formatAddress(address), why: `there is no folder ${folder}` });
  }
  const there = statOf(address.path);
  if (there === undefined) return;
  if (!there.isSocket()) throw new Fault('SOCKET_FILE_IN_THE_WAY', { path: address.path });
  if (await isAnswering(address.path)) throw new Fault('ADDRESS_IN_USE', { address: formatAddress(address) });
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
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

function closing<E>(handle: BoundHandle, error: E): E {
  handle.close();
  return error;
}

function bindFault(address: Address, errno: number): Fault {
  const [code, text] = getSystemErrorMap().get(errno) ?? [`errno ${-errno}`, 'unknown error'];
  return codeFault(address, code, text);
}

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'permission denied (ports below 1024 need root or CAP_NET_BIND_SERVICE)',
  EADDRNOTAVAIL: 'this machine has no such address',
};

function codeFault(address: Address, code: string, text: string): Fault {
  if (code === 'EADDRINUSE') return new Fault('ADDRESS_IN_USE', { address: formatAddress(address) });
  return new Fault('ADDRESS_REFUSED', { address: formatAddress(address), why: ADVICE[code] ?? `${text} (${code})` });
}
