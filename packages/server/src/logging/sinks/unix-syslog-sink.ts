// logging/sinks/unix-syslog-sink.ts: syslog by a unix datagram socket, such as /dev/log, for which Node has no class. Loaded where an ini
// names one: it brings koffi.

import type { Buffer } from 'node:buffer';
import { libc } from '../../libc.ts';
import { notifyAddress } from '../../notify/messages.ts';
import { SyslogSink } from './syslog-sink.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2_000_000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x40_00;

export class UnixSyslogSink extends SyslogSink {
  readonly #address: Buffer | undefined;
  #fd: number | undefined;

  constructor(facility: number, path: string) {
    super(facility);
    this.#address = notifyAddress(path);
  }

  protected send(message: Buffer): boolean {
    if (this.#address === undefined) return false;
    this.#fd ??= libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    return libc.sendto(this.#fd, message, message.length, flags, this.#address, this.#address.length) !== -1;
  }

  close(): void {
    if (this.#fd !== undefined) libc.close(this.#fd);
    this.#fd = undefined;
  }
}
