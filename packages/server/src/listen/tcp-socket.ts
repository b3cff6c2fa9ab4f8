// listen/tcp-socket.ts: a listening TCP socket, IPv4 or IPv6; for a name, one on each of its addresses.

import { lookup } from 'node:dns/promises';
import net from 'node:net';
import { constants } from 'node:os';
import { Fault } from '@appserve/core';
import { formatAddress, type Address } from './address.ts';
import {
  bindFault,
  createServerHandle,
  hintOfHost,
  IPV6_ONLY,
  listeningSocket,
  listenOn,
  type BoundHandle,
  type ListeningSocket,
} from './bound-handle.ts';

type TcpAddress = Address & { readonly type: 'tcp' };

export interface TcpSettings {
  readonly backlog: number;
  /** [::] leaves IPv4 to another socket. */
  readonly isIpv6Only: boolean;
}

/** Faults: ADDRESS_IN_USE, ADDRESS_REFUSED. */
export async function openTcp(address: TcpAddress, settings: TcpSettings): Promise<ListeningSocket[]> {
  if (address.host === '') return [openEverywhere(address, settings)];
  if (net.isIP(address.host) !== 0) return [openOne(address, settings)];
  return openName(address, await resolved(address), settings);
}

/** No host is every interface: IPv6 with IPv4 in it where the machine has it, else IPv4. */
function openEverywhere(address: TcpAddress, settings: TcpSettings): ListeningSocket {
  const both = createServerHandle('::', address.port, 6, undefined, 0);
  return typeof both === 'number' ? openOne({ ...address, host: '0.0.0.0' }, settings) : listening(address, both, settings);
}

function openOne(address: TcpAddress, settings: TcpSettings): ListeningSocket {
  const handle = bind(address, settings);
  if (typeof handle === 'number') throw bindFault(address, handle);
  return listening(address, handle, settings);
}

function bind({ host, port }: TcpAddress, { isIpv6Only }: TcpSettings): BoundHandle | number {
  return createServerHandle(host, port, net.isIPv6(host) ? 6 : 4, undefined, isIpv6Only && host === '::' ? IPV6_ONLY : 0);
}

function listening(address: TcpAddress, handle: BoundHandle, { backlog }: TcpSettings): ListeningSocket {
  const name: { address?: string; port?: number } = {};
  // libuv keeps a failed bind to itself until the first use of the handle.
  const failed = handle.getsockname?.(name) ?? 0;
  if (failed !== 0) {
    handle.close();
    throw bindFault(address, failed);
  }
  listenOn(handle, address, backlog);
  const bound: Address = { type: 'tcp', host: name.address ?? address.host, port: name.port ?? address.port };
  return listeningSocket({ address: bound, backlog }, handle);
}

/** A free port of the first address may be taken on the second one. */
const ATTEMPTS_MAX = 10;

function openName(address: TcpAddress, hosts: readonly string[], settings: TcpSettings): ListeningSocket[] {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return openEach(address, hosts, settings);
    } catch (error) {
      const isBadLuck = address.port === 0 && error instanceof Fault && error.code === 'ADDRESS_IN_USE';
      if (!isBadLuck || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

/**
 * All addresses of a name, on one port. One that this machine does not have is passed over while another one is left: names such as
 * localhost have an IPv6 address in many containers that have no IPv6.
 */
function openEach(address: TcpAddress, hosts: readonly string[], settings: TcpSettings): ListeningSocket[] {
  const opened: ListeningSocket[] = [];
  let refused: Fault | undefined;
  try {
    for (const host of hosts) {
      const one: TcpAddress = { ...address, host, port: portOf(opened) ?? address.port };
      const handle = bind(one, settings);
      if (typeof handle !== 'number') opened.push(listening(one, handle, settings));
      else if (NOT_HERE.has(-handle)) refused ??= bindFault(one, handle);
      else throw bindFault(one, handle);
    }
    if (opened.length === 0) throw refused!;
    return opened;
  } catch (error) {
    for (const socket of opened) socket.close();
    throw error;
  }
}

/** The machine has no such address, or no IPv6 at all, for which libuv has two numbers. */
const NOT_HERE = new Set([constants.errno.EADDRNOTAVAIL, constants.errno.EAFNOSUPPORT, constants.errno.EINVAL]);

function portOf([first]: readonly ListeningSocket[]): number | undefined {
  return first?.address.type === 'tcp' ? first.address.port : undefined;
}

/** At least one address, each once. */
async function resolved(address: TcpAddress): Promise<string[]> {
  try {
    const found = await lookup(address.host, { all: true });
    return [...new Set(found.map((one) => one.address))];
  } catch (cause) {
    const why = `the name ${address.host} is not known`;
    throw new Fault('ADDRESS_REFUSED', { address: formatAddress(address), why, hint: hintOfHost(address) }, { cause });
  }
}
