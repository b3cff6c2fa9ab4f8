// logging/sinks/syslog-sink.ts: a datagram for each record, to a unix socket or by UDP: SysLogHandler.
//
// Source: logging.handlers.SysLogHandler of CPython: the priority in angle brackets, the text, a NUL; RFC 3164 for what a receiver makes
// of it. Datagrams may be lost, and nobody is told: that is what they are.

import { createSocket, type Socket } from 'node:dgram';
import type { Destination } from '@appserve/core/log';
import type { Sink } from './sink.ts';

type Syslog = Destination & { readonly type: 'syslog' };

/** syslog(3), by Python's numbers; what is between them is a warning, as there. */
const SEVERITIES: ReadonlyMap<number, number> = new Map([
  [50, 2],
  [40, 3],
  [30, 4],
  [20, 6],
  [10, 7],
]);
const WARNING = 4;

function syslogMessage(text: string, level: number, facility: number): Buffer {
  const priority = facility * 8 + (SEVERITIES.get(level) ?? WARNING);
  return Buffer.from(`<${priority}>${text.replace(/\n$/, '')}\0`);
}

export abstract class SyslogSink implements Sink {
  readonly isStalled = false;
  readonly #facility: number;
  #lost = 0;

  constructor(facility: number) {
    this.#facility = facility;
  }

  write(text: string, level: number): void {
    if (!this.send(syslogMessage(text, level, this.#facility))) this.#lost += 1;
  }

  /** False: it is lost. */
  protected abstract send(message: Buffer): boolean;

  writeLines(bytes: Uint8Array): number {
    for (const line of Buffer.from(bytes).toString().split('\n')) if (line !== '') this.write(line, 20);
    return bytes.length;
  }

  flush(): void {
    // Each is sent at once.
  }

  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  reopen(): undefined {
    return undefined;
  }

  abstract close(): void;
}

class UdpSink extends SyslogSink {
  readonly #address: { readonly host: string; readonly port: number };
  readonly #socket: Socket;

  constructor(facility: number, address: { readonly host: string; readonly port: number }) {
    super(facility);
    this.#address = address;
    this.#socket = createSocket(address.host.includes(':') ? 'udp6' : 'udp4').unref();
    // Refused by nobody who listens: told of some earlier datagram.
    this.#socket.on('error', () => undefined);
  }

  protected send(message: Buffer): boolean {
    this.#socket.send(message, this.#address.port, this.#address.host, () => undefined);
    return true;
  }

  close(): void {
    this.#socket.close();
  }
}

export async function syslogSink({ address, facility }: Syslog): Promise<SyslogSink> {
  if ('host' in address) return new UdpSink(facility, address);
  const { UnixSyslogSink } = await import('./unix-syslog-sink.ts');
  return new UnixSyslogSink(facility, address.path);
}
