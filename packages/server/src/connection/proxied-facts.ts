// connection/proxied-facts.ts: the two ends of a connection as a PROXY header has told them, which is true for all of its requests.

import type { Socket } from 'node:net';
import { isIPv6 } from 'node:net';
import { tlsFactsOf, type Called, type ConnectionFacts, type TlsFacts } from '@appserve/core/exchange';
import type { ProxiedEnds } from '@appserve/core/proxy-protocol';
import { isEncrypted, tellEncrypted, type Unsaid } from './socket-facts.ts';

export class ProxiedFacts implements ConnectionFacts {
  readonly scheme: 'http' | 'https';
  readonly called: Called | undefined;
  readonly remoteAddress: string;
  readonly remotePort: string;
  readonly localAddress: string;
  readonly localPort: string;
  readonly socket: Socket;

  /** What asks the socket itself, as node apps do, is told the same. */
  constructor(socket: Socket, ends: ProxiedEnds, { scheme, called }: Unsaid) {
    this.socket = socket;
    this.scheme = isEncrypted(socket) || ends.isSecure ? 'https' : scheme;
    this.called = called;
    this.remoteAddress = ends.remoteAddress;
    this.remotePort = ends.remotePort;
    this.localAddress = ends.localAddress;
    this.localPort = ends.localPort;
    tell(socket, ends);
    if (this.scheme === 'https') tellEncrypted(socket);
  }

  get tls(): TlsFacts | undefined {
    return tlsFactsOf(this.socket);
  }
}

/** In the place of what net.Socket asks the system, under the names and in the types that it has. */
function tell(socket: Socket, { remoteAddress, remotePort, localAddress, localPort }: ProxiedEnds): void {
  const isUnix = localPort === '';
  const local = isUnix ? {} : { address: localAddress, family: familyOf(localAddress), port: Number(localPort) };
  const told = isUnix
    ? { remoteAddress: undefined, remotePort: undefined, remoteFamily: undefined, localAddress: undefined, localPort: undefined }
    : {
        remoteAddress,
        remotePort: Number(remotePort),
        remoteFamily: familyOf(remoteAddress),
        localAddress,
        localPort: Number(localPort),
      };
  const values = { ...told, localFamily: isUnix ? undefined : familyOf(localAddress), address: () => local };
  for (const [name, value] of Object.entries(values)) Object.defineProperty(socket, name, { value, configurable: true });
}

function familyOf(address: string): string {
  return isIPv6(address) ? 'IPv6' : 'IPv4';
}
