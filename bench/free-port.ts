// free-port.ts: a port for programs that take no port 0.

import net from 'node:net';

/**
 * Below those that the kernel gives to clients, and to whoever asks for port 0 (ip_local_port_range): none of them gets it before the
 * program does. Another one that asks here may, of so many.
 */
const [FIRST, COUNT] = [20_000, 10_000];

export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = net.createServer();
  const isBound = await new Promise<boolean>((resolve) => {
    server.once('listening', () => resolve(true)).once('error', () => resolve(false));
    server.listen(port, '127.0.0.1');
  });
  if (isBound) await new Promise((resolve) => server.close(resolve));
  return isBound;
}
