// listen/sockets.ts: listening sockets: bound in the main thread, or inherited by it, accepted from in the workers.
//
// Law: a socket listens from before the first worker until the server stops, so a worker that ends costs no queued connection.

import { Fault, type OptionWord } from '@appserve/core';
import { formatAddress, parseAddress, type Address, type WrittenAddress } from './address.ts';
import type { ListeningSocket } from './bound-handle.ts';
import { heirloomsLeft, takeHeirloom } from './heirlooms.ts';
import { openHeirloom, openInherited } from './inherited-socket.ts';
import { openTcp } from './tcp-socket.ts';
import { openUnix, type UnixSettings } from './unix-socket.ts';

export type { ListeningSocket };

export interface OpenSocket extends ListeningSocket {
  /** The address that it is one of, as options spell it, and which one of the list that is. */
  readonly written: string;
  readonly place: number;
}

export interface SocketSettings extends UnixSettings {
  /** Connections that the kernel queues. */
  readonly backlog: number;
  /** The option that says where, if it is not `socket`. */
  readonly port?: number | undefined;
}

/**
 * Binds all of them or none; an address may be several sockets. Faults: those of parseAddress, ADDRESS_IN_USE, ADDRESS_REFUSED,
 * SOCKET_FILE_IN_THE_WAY, ACCOUNT_UNKNOWN, SOCKETS_NOT_PASSED, DESCRIPTOR_UNUSABLE.
 */
export async function openSockets(texts: readonly string[], settings: SocketSettings): Promise<OpenSocket[]> {
  const opened: OpenSocket[] = [];
  const written = texts.map(parseAddress);
  try {
    for (const [place, address] of written.entries()) {
      const about = settings.port === undefined ? { key: 'socket', word: texts[place] } : { key: 'port' };
      const more = await openAddress(address, written, settings, opened).catch((error: unknown) => fail(error, about));
      for (const socket of more) opened.push({ ...socket, written: formatAddress(address), place });
    }
  } catch (error) {
    for (const socket of opened) socket.close();
    throw error;
  }
  return opened;
}

/** An account that is unknown has an option of its own. */
function fail(error: unknown, about: OptionWord): never {
  if (!(error instanceof Fault) || error.code === 'ACCOUNT_UNKNOWN') throw error;
  throw new Fault(error.code, error.details, { about, cause: error.cause });
}

async function openAddress(
  address: WrittenAddress,
  all: readonly WrittenAddress[],
  settings: SocketSettings,
  opened: readonly ListeningSocket[],
): Promise<ListeningSocket[]> {
  const heirloom = takeHeirloom(formatAddress(address));
  switch (address.type) {
    case 'fd':
    case 'systemd':
      return openInherited(address, settings.backlog, heirloom?.descriptors);
    case 'tcp':
    case 'unix':
      if (heirloom === undefined) return openOwn(address, all, settings, opened);
      return heirloom.descriptors.map((fd) => openHeirloom(address, fd, heirloom.file, settings));
  }
}

async function openOwn(
  address: Address,
  all: readonly WrittenAddress[],
  settings: SocketSettings,
  opened: readonly ListeningSocket[],
): Promise<ListeningSocket[]> {
  switch (address.type) {
    case 'unix':
      return [await openUnix(address, settings)];
    case 'tcp':
      try {
        return await openTcp(address, { backlog: settings.backlog, isIpv6Only: isBesideIpv4(address, all) });
      } catch (error) {
        if (!isInUse(error)) throw error;
        if (isOurs(address, opened)) throw twice(address);
        throw isOfPredecessor(address) ? moved(address) : error;
      }
  }
}

/** [::] is IPv4 too, but for where 0.0.0.0 of the same port stands beside it: then each is what it says. */
function isBesideIpv4({ port }: Address & { type: 'tcp' }, all: readonly WrittenAddress[]): boolean {
  return port !== 0 && all.some((other) => other.type === 'tcp' && other.host === '0.0.0.0' && other.port === port);
}

function isInUse(error: unknown): boolean {
  return error instanceof Fault && error.code === 'ADDRESS_IN_USE';
}

/** A socket of the same list has the port: it is nobody else who should be stopped. */
function isOurs({ port }: Address & { type: 'tcp' }, opened: readonly ListeningSocket[]): boolean {
  return opened.some(({ address }) => address.type === 'tcp' && address.port === port);
}

/** The process whose place this one takes has the port, under another address: it is not to be stopped, since it serves. */
function isOfPredecessor({ port }: Address & { type: 'tcp' }): boolean {
  return heirloomsLeft().some(({ written }) => written.endsWith(`:${port}`));
}

function moved(address: Address): Fault {
  const why = 'the process whose place this one takes has that port under another address; such a change needs a restart';
  return new Fault('ADDRESS_REFUSED', { address: formatAddress(address), why });
}

function twice(address: Address): Fault {
  const why = 'another address of this server has that port and covers it; keep one of them';
  return new Fault('ADDRESS_REFUSED', { address: formatAddress(address), why });
}
