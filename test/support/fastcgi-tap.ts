// fastcgi-tap.ts: stands between a web server and a FastCGI application, passes on every byte, and keeps what one learns of connections.

import { chmodSync } from 'node:fs';
import net from 'node:net';
import { takeRecords, TYPE } from './fastcgi-wire.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary.ts';

export class FastCgiTap implements AsyncDisposable {
  /** Where the web server connects to. */
  readonly at: string;
  /** The flags of each request, connection by connection. */
  readonly connections: number[][] = [];
  /** How many were closed by the application while the web server would have kept them. */
  closedByApplication = 0;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  readonly #folder: TemporaryFolder;

  private constructor(to: string, folder: TemporaryFolder) {
    this.#folder = folder;
    this.at = `${folder.path}/tap`;
    this.#server = net.createServer({ allowHalfOpen: true }, (near) => this.#join(near, to));
  }

  static async before(to: string): Promise<FastCgiTap> {
    const folder = temporaryFolder();
    chmodSync(folder.path, 0o755);
    const tap = new FastCgiTap(to, folder);
    await new Promise<void>((resolve) => tap.#server.listen(tap.at, resolve));
    chmodSync(tap.at, 0o666);
    return tap;
  }

  #join(near: net.Socket, to: string): void {
    const far = net.connect({ path: to, allowHalfOpen: true });
    const flags: number[] = [];
    this.connections.push(flags);
    let unread: Buffer = Buffer.alloc(0);
    near.on('data', (bytes: Buffer) => {
      unread = takeRecords(Buffer.concat([unread, bytes]), ({ type, content }) => {
        if (type === TYPE.beginRequest) flags.push(content[2]!);
      });
    });
    far.once('end', () => {
      if (!near.readableEnded) this.closedByApplication += 1;
    });
    near.pipe(far).pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => this.#sockets.delete(one));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#folder[Symbol.dispose]();
  }
}
