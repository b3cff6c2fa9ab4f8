// notify/notify-socket.ts: the unix datagram socket of sd_notify(3), for which Node has no class.
//
// Law: nothing that goes wrong here is worse than a warning, and that is said once: the server serves whoever listens to it.

import { Buffer } from 'node:buffer';
import { lastError, libc, type SystemError } from '../libc.ts';
import { notifyAddress } from './messages.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
/** Of Linux, like systemd: no program that the app starts inherits it. */
const SOCK_CLOEXEC = 0o2_000_000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x40_00;

/** The queue of the other side is full: what is to be said waits. */
const FULL: readonly string[] = ['EAGAIN', 'ENOBUFS'];
const AGAIN_MS = 100;

export class NotifySocket {
  readonly #name: string;
  readonly #warn: (message: string) => void;
  readonly #address: Buffer | undefined;
  readonly #waiting: string[] = [];
  #fd: number | undefined;
  #hasWarned = false;
  #timer: NodeJS.Timeout | undefined;

  /** `name`: as NOTIFY_SOCKET has it. */
  constructor(name: string, warn: (message: string) => void) {
    this.#name = name;
    this.#warn = warn;
    this.#address = notifyAddress(name);
    if (this.#address === undefined) this.#fail('it is neither a path nor an abstract name');
  }

  /** In the order of the calls, at once or, when the other side is busy, a little later. */
  send(message: string): void {
    if (this.#address === undefined) return;
    // The watchdog is fed again and again, whether or not anybody reads it.
    if (this.#waiting.at(-1) === message) return;
    this.#waiting.push(message);
    if (this.#timer === undefined) this.#flush(this.#address);
  }

  #flush(address: Buffer): void {
    this.#timer = undefined;
    while (this.#waiting.length > 0) {
      const error = this.#sendNow(Buffer.from(this.#waiting[0]!), address);
      if (error !== undefined && FULL.includes(error.code)) {
        this.#timer = setTimeout(() => this.#flush(address), AGAIN_MS).unref();
        return;
      }
      if (error !== undefined) this.#fail(`${error.text} (${error.code})`);
      this.#waiting.shift();
    }
  }

  #sendNow(bytes: Buffer, address: Buffer): SystemError | undefined {
    this.#fd ??= libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    return libc.sendto(this.#fd, bytes, bytes.length, flags, address, address.length) === -1 ? lastError() : undefined;
  }

  #fail(why: string): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#warn(`the service manager cannot be told how the server is: NOTIFY_SOCKET=${this.#name}: ${why}`);
  }
}
