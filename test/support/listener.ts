// listener.ts: a socket that listens, for a program that inherits it.

import net from 'node:net';

export interface Listener {
  readonly server: net.Server;
  /** A child may have it. When the server here is closed, what is left is the child's. */
  readonly fd: number;
}

export async function listener(to: net.ListenOptions): Promise<Listener> {
  const server = net.createServer().listen(to);
  await new Promise((resolve) => server.once('listening', resolve));
  return { server, fd: (server as unknown as { _handle: { fd: number } })._handle.fd };
}
