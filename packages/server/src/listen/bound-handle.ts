// listen/bound-handle.ts: a socket that is bound and listens, without accepting: that is for the workers.
//
// Node's public listen() would make this thread accept. `net._createServerHandle`, which node:cluster binds with, does not; it is
// undocumented, the same in Node 20 to 26. (docs/decisions/0003-threads.md)

import net from 'node:net';
import { dirname } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { Fault } from '@appserve/core';
import { formatAddress, urlOf, type Address } from './address.ts';
import type { FileIdentity } from '../own-file.ts';
import { duplicate, startListening } from './descriptor.ts';

export interface ListeningSocket {
  /** As bound: with the port that the system chose. */
  readonly address: Address;
  readonly url: string;
  /** How many connections the kernel queues; who accepts says it again, since listen(2) in a worker would change it. */
  readonly backlog: number;
  /** Of the process that holds it open; workers have duplicates. */
  readonly fd: number;
  /** The file that is ours to remove when it closes. */
  readonly file?: string;
  /** Which one of that name it is: by now it may be another server's, or gone. */
  readonly identity?: FileIdentity;
  /** A descriptor of its own for a worker. */
  duplicate(): number;
  /** What an inherited one does not do although the options say so; nothing when it does. */
  readonly note?: string;
  /** Another process listens on it from here on, or is about to: its file stays when it is closed here. */
  bequeath(): void;
  /** That process never came: the file is ours again, and removed if the socket has been closed meanwhile. */
  regain(): void;
  /** Once; further calls do nothing. */
  close(): void;
}

export interface BoundHandle {
  readonly fd: number;
  getsockname?(out: { address?: string; port?: number }): number;
  close(): void;
}

/** A number is a negative errno. */
type CreateServerHandle = (
  address: string,
  port: number,
  addressType: 4 | 6 | -1,
  fd?: number,
  flags?: number,
) => BoundHandle | number;
export const { _createServerHandle: createServerHandle } = net as unknown as { _createServerHandle: CreateServerHandle };

/** bind(2) with IPV6_V6ONLY: IPv4 is somebody else's. */
export const IPV6_ONLY = 1;

/** Makes the kernel queue connections. Faults: ADDRESS_IN_USE, ADDRESS_REFUSED; then the handle is closed. */
export function listenOn(handle: BoundHandle, address: Address, backlog: number): void {
  const refused = startListening(handle.fd, backlog);
  if (refused === undefined) return;
  handle.close();
  throw codeFault(address, refused.code, refused.text);
}

export interface Belongings {
  readonly address: Address;
  readonly backlog: number;
  readonly file?: string;
  readonly identity?: FileIdentity;
  readonly note?: string;
}

/** `afterwards`: what is to be done once it is closed. */
export function listeningSocket(facts: Belongings, handle: BoundHandle, afterwards = (): void => undefined): ListeningSocket {
  let isOpen = true;
  let isOurs = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    handle.close();
    if (isOurs) afterwards();
  };
  const bequeath = (): void => {
    isOurs = false;
  };
  const regain = (): void => {
    if (isOurs) return;
    isOurs = true;
    if (!isOpen) afterwards();
  };
  return { ...facts, fd: handle.fd, url: urlOf(facts.address), duplicate: () => duplicate(handle.fd), bequeath, regain, close };
}

export function bindFault(address: Address, errno: number): Fault {
  const [code, text] = getSystemErrorMap().get(errno) ?? [`errno ${-errno}`, 'unknown error'];
  return codeFault(address, code, text);
}

function codeFault(address: Address, code: string, text: string): Fault {
  if (code === 'EADDRINUSE' || code === 'EEXIST') return new Fault('ADDRESS_IN_USE', { address: formatAddress(address) });
  const why = reasonOf(address, code) ?? `${text} (${code})`;
  const hint = code === 'EADDRNOTAVAIL' ? hintOfHost(address) : undefined;
  return new Fault('ADDRESS_REFUSED', { address: formatAddress(address), why, hint });
}

/** Of an address that this machine does not have, or a name that leads to none. */
export function hintOfHost(address: Address): string | undefined {
  if (address.type === 'unix') return undefined;
  return `take one of its own, such as 127.0.0.1, or leave the host out for all of them: :${address.port}`;
}

function reasonOf(address: Address, code: string): string | undefined {
  if (code === 'EADDRNOTAVAIL') return 'this machine has no such address';
  if (code === 'EPERM' && address.type === 'unix') return `permission denied: ${address.path} is of another user`;
  if (code !== 'EACCES') return undefined;
  return address.type === 'unix'
    ? `permission denied: this user may not create files in ${dirname(address.path)}`
    : 'permission denied (ports below 1024 need root or CAP_NET_BIND_SERVICE)';
}
