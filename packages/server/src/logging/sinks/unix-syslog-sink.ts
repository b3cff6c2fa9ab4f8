// logging/sinks/unix-syslog-sink.ts: syslog by a unix datagram socket, such as /dev/log, for which Node has no class. Loaded where an ini
// names one: it brings koffi.

import type { Buffer } from 'node:buffer';
import { lastError, libc } from '../../libc.ts';
import { notifyAddress } from '../../notify/messages.ts';
import { SyslogSink } from './syslog-sink.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2_000_000;
const MSG_DONTWAIT = 0x40;
const NO_FD = -1;
const MSG_NOSIGNAL = 0x40_00;

/** Its queue is full; or the kernel has no memory for one more (unix(7)). */
const HAS_NO_ROOM: ReadonlySet<string> = new Set(['EAGAIN', 'ENOBUFS']);

export class UnixSyslogSink extends SyslogSink {
  readonly #address: Buffer | undefined;
  #fd: number | undefined;

  constructor(facility: number, path: string) {
    super(facility, path);
    this.#address = notifyAddress(path);
  }

  protected send(message: Buffer, text: string): void {
    if (this.#address === undefined) {
      this.refused('the path is too long for a socket', text);
      return;
    }
    this.#fd ??= this.#open();
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    if (libc.sendto(this.#fd ?? NO_FD, message, message.length, flags, this.#address, this.#address.length) !== -1) {
      this.sent();
      return;
    }
    const { code, text: why } = lastError();
    if (HAS_NO_ROOM.has(code)) this.lost();
    else this.refused(`${code}: ${why}`, text);
  }

  #open(): number | undefined {
    const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return fd === NO_FD ? undefined : fd;
  }

  close(): void {
    if (this.#fd !== undefined) libc.close(this.#fd);
    this.#fd = undefined;
  }
}
