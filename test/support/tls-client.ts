// tls-client.ts: a TLS client without certificates (a key is shared beforehand), behind a relay that sees the records go by.

import { once } from 'node:events';
import net from 'node:net';
import tls, { type TlsOptions } from 'node:tls';
import { eventually } from './eventually.ts';
import type { TestServer } from './http-server.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary.ts';

const KEY = Buffer.from('a key for tests, known to all');
// Of TLS 1.3 every record looks alike.
const SHARED = { ciphers: 'PSK-AES128-CBC-SHA256', maxVersion: 'TLSv1.2' } as const;
const SERVER_TLS: TlsOptions = { ...SHARED, pskCallback: () => KEY };

/** RFC 5246 §6.2.1: type, version (2 bytes), length (2), fragment. */
const RECORD_HEAD_BYTES = 5;
const ALERT = 21;

export class TlsClient implements AsyncDisposable {
  readonly #folder: TemporaryFolder;
  readonly #relay: net.Server;
  readonly #behind: net.Socket;
  readonly #socket: tls.TLSSocket;
  #records = Buffer.alloc(0);
  #received = '';
  #isEnded = false;

  private constructor(folder: TemporaryFolder, relay: net.Server, behind: net.Socket, socket: tls.TLSSocket) {
    this.#folder = folder;
    this.#relay = relay;
    this.#behind = behind;
    this.#socket = socket;
    behind.on('data', (bytes) => {
      this.#records = Buffer.concat([this.#records, bytes]);
    });
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#received += text;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isEnded = true;
    });
  }

  /** Lets the server listen on a further address, with TLS, and connects to it. */
  static async connect({ server }: TestServer): Promise<TlsClient> {
    const folder = temporaryFolder();
    const [path, relayPath] = [`${folder.path}/s`, `${folder.path}/r`];
    await server.listen(path, { tls: SERVER_TLS });
    const behind = net.connect({ path });
    const relay = net.createServer((front) => {
      front.pipe(behind).pipe(front);
      front.on('error', () => behind.destroy());
      behind.on('close', () => front.destroySoon());
    });
    behind.on('error', () => undefined);
    relay.listen(relayPath);
    await Promise.all([once(relay, 'listening'), once(behind, 'connect')]);
    const socket = tls.connect({
      ...SHARED,
      path: relayPath,
      pskCallback: () => ({ psk: KEY, identity: 'test' }),
      checkServerIdentity: () => undefined,
    });
    await once(socket, 'secureConnect');
    return new TlsClient(folder, relay, behind, socket);
  }

  async send(text: string): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.write(text, 'latin1', () => resolve()));
  }

  async until(isEnough: (received: string) => boolean): Promise<string> {
    await eventually('enough was received', () => this.#isEnded || isEnough(this.#received));
    return this.#received;
  }

  async untilEnd(): Promise<string> {
    return this.until(() => false);
  }

  /** Of what the server sent after the handshake. */
  get lastRecord(): 'alert' | 'other' | 'none' {
    let last: number | undefined;
    const records = this.#records;
    for (let at = 0; at < records.length; at += RECORD_HEAD_BYTES + records.readUInt16BE(at + 3)) last = records[at];
    if (last === undefined) return 'none';
    return last === ALERT ? 'alert' : 'other';
  }

  /** The connection is gone without a word of TLS, and the server has seen it. */
  async vanish({ server }: TestServer): Promise<void> {
    const connections = server.connections;
    this.#behind.destroy();
    await eventually('the server has seen it', () => server.connections < connections);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    this.#behind.destroy();
    this.#relay.close();
    await once(this.#relay, 'close');
    this.#folder[Symbol.dispose]();
  }
}
