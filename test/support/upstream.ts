// upstream.ts: a server behind a proxy that says exactly the bytes it is told, whatever it is asked.

import net from 'node:net';
import { eventually } from './eventually.ts';

export interface Upstream extends AsyncDisposable {
  readonly port: number;
  /** What each connection has heard so far, latin1. */
  readonly heard: readonly string[];
  /** Connections that have ended. undici may open another one at once, which nobody has asked for. */
  readonly ended: number;
}

type Answer = (socket: net.Socket, asked: string, nth: number) => void;

/** `answer` is called with each request head: text is written and the connection stays, or is written and ended. */
export async function upstreamThat(answer: string | Answer): Promise<Upstream> {
  const heard: string[] = [];
  const sockets = new Set<net.Socket>();
  const say: Answer = typeof answer === 'string' ? (socket) => socket.write(answer, 'latin1') : answer;
  const server = net.createServer((socket) => {
    const nth = heard.push('') - 1;
    let answered = 0;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      heard[nth] += bytes.toString('latin1');
      const heads = heard[nth]!.split('\r\n\r\n').length - 1;
      // The first empty line ends a head; those of what follows are the business of the test.
      if (heads > 0 && answered === 0) {
        answered += 1;
        say(socket, heard[nth]!, nth);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    heard,
    get ended() {
      return heard.length - sockets.size;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await eventually('the upstream has no connections', () => sockets.size === 0);
    },
  };
}
