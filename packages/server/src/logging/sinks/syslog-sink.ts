// logging/sinks/syslog-sink.ts: a datagram for each record, to a unix socket or by UDP: SysLogHandler.
//
// Source: logging.handlers.SysLogHandler of CPython: the priority in angle brackets, the text, a NUL; RFC 3164 for what a receiver makes
// of it.
//
// Law: datagrams may be lost on their way, and nobody is told: that is what they are. One that cannot be sent at all, since there is nobody
// at that address, comes to standard error, which is said once, until it works again.

import { createSocket, type Socket } from 'node:dgram';
import type { Destination } from '@appserve/core/log';
import { Complaint, toStderr } from './complaint.ts';
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
  readonly #where: string;
  readonly #facility: number;
  readonly #unsent = new Complaint();
  #lost = 0;

  /** `where`: for people. */
  constructor(facility: number, where: string) {
    this.#facility = facility;
    this.#where = where;
  }

  write(text: string, level: number): void {
    this.send(syslogMessage(text, level, this.#facility), text);
  }

  /** Tells one of the three below, now or later. */
  protected abstract send(message: Buffer, text: string): void;

  protected sent(): void {
    this.#unsent.takeBack();
  }

  /** The receiver is there, and has no room. */
  protected lost(): void {
    this.#lost += 1;
  }

  protected refused(why: string, text: string): void {
    this.#unsent.make(`syslog ${this.#where} cannot be written: ${why}`);
    toStderr(text);
  }

  writeLines(bytes: Uint8Array): number {
    for (const line of Buffer.from(bytes).toString().split('\n')) if (line !== '') this.write(`${line}\n`, 20);
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
    super(facility, `${address.host}:${address.port}`);
    this.#address = address;
    this.#socket = createSocket(address.host.includes(':') ? 'udp6' : 'udp4').unref();
    // Refused by nobody who listens: told of some earlier datagram.
    this.#socket.on('error', () => undefined);
  }

  protected send(message: Buffer, text: string): void {
    this.#socket.send(message, this.#address.port, this.#address.host, (error) => {
      if (error === null) this.sent();
      else this.refused(error.message, text);
    });
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
