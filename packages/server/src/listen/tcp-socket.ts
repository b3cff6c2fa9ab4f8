// listen/tcp-socket.ts: a listening TCP socket, IPv4 or IPv6.

import { lookup } from 'node:dns/promises';
import net from 'node:net';
import { Fault } from '@appserve/core';
import { formatAddress, type Address } from './address.ts';
import {
  bindFault,
  createServerHandle,
  listeningSocket,
  listenOn,
  type BoundHandle,
  type ListeningSocket,
} from './bound-handle.ts';

type TcpAddress = Address & { readonly type: 'tcp' };

/** Faults: ADDRESS_IN_USE, ADDRESS_REFUSED. */
export async function openTcp(address: TcpAddress, backlog: number): Promise<ListeningSocket> {
  const handle = await bind(address);
  const name: { address?: string; port?: number } = {};
  // libuv keeps a failed bind to itself until the first use of the handle.
  const failed = handle.getsockname?.(name) ?? 0;
  if (failed !== 0) {
    handle.close();
    throw bindFault(address, failed);
  }
  listenOn(handle, address, backlog);
  return listeningSocket({ type: 'tcp', host: name.address ?? address.host, port: name.port ?? address.port }, handle);
}

/** No host is every interface: IPv6 with IPv4 in it where the machine has it, else IPv4. */
async function bind(address: TcpAddress): Promise<BoundHandle> {
  if (address.host === '') {
    const both = createServerHandle('::', address.port, 6, undefined, 0);
    if (typeof both !== 'number') return both;
  }
  const host = address.host === '' ? '0.0.0.0' : await resolved(address);
  const handle = createServerHandle(host, address.port, net.isIPv6(host) ? 6 : 4, undefined, 0);
  if (typeof handle === 'number') throw bindFault(address, handle);
  return handle;
}

async function resolved(address: TcpAddress): Promise<string> {
  if (net.isIP(address.host) !== 0) return address.host;
  try {
    return (await lookup(address.host)).address;
  } catch (cause) {
    const why = `the name ${address.host} is not known`;
    throw new Fault('ADDRESS_REFUSED', { address: formatAddress(address), why }, { cause });
  }
}
