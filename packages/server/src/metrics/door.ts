// metrics/door.ts: an address of the main thread itself, for operators: apart from the sockets of the app, which are the workers'.
//
// Law: it opens when the process is who it shall be. A process that takes the place of another one finds it taken, and waits for it.

import { resolve } from 'node:path';
import { Fault } from '@appserve/core';
import { formatAddress, parseAddress, type Address } from '../listen/address.ts';
import type { ListeningSocket } from '../listen/bound-handle.ts';
import { hasInherited } from '../listen/heirlooms.ts';
import type { Logger } from '../log.ts';

/** Operators are few. */
const BACKLOG = 64;
/** The process before this one lets go when all workers of this one are ready. */
const TRY_AGAIN_MS = 200;
/** Five seconds: by then it has let go long since, and somebody else has the address. */
const TRIES_OF_PREDECESSOR = 25;

export interface DoorSettings {
  /** As options spell it. */
  readonly written: string;
  readonly key: DoorKey;
  /** Permissions, where it is a file. */
  readonly mode: number;
}

export type DoorKey = 'metrics' | 'control_socket';

/** Faults: OPTION_INVALID, SOCKET_PATH_TOO_LONG. */
export function doorAddress(written: string, key: DoorKey): Address {
  // A path is one also where it stands alone: app.sock.
  const text = key === 'control_socket' && !written.startsWith('unix:') ? `unix:${written}` : written;
  const allowed = key === 'control_socket' ? 'the path of a unix socket' : 'host:port, [v6]:port, :port, /path.sock or unix:path';
  const address = parsed(text, written, key, allowed);
  if (address.type === 'fd' || address.type === 'systemd') throw new Fault('OPTION_INVALID', { key, value: written, allowed });
  return address;
}

function parsed(text: string, value: string, key: DoorKey, allowed: string): ReturnType<typeof parseAddress> {
  try {
    return parseAddress(text);
  } catch (error) {
    // It speaks of `socket`.
    throw error instanceof Fault && error.code === 'OPTION_INVALID'
      ? new Fault('OPTION_INVALID', { key, value, allowed })
      : error;
  }
}

export class Door {
  readonly #address: Address;
  readonly #mode: number;
  #sockets: readonly ListeningSocket[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Since this process serves in the place of the other one. */
  #tries = 0;
  #onOpen: ((socket: ListeningSocket) => void) | undefined;

  private constructor(address: Address, mode: number) {
    this.#address = address;
    this.#mode = mode;
  }

  /**
   * `heirLog`: of a process that takes the place of another one: it may open later.
   *
   * Faults: ADDRESS_IN_USE, ADDRESS_REFUSED, SOCKET_FILE_IN_THE_WAY, and those of `doorAddress`.
   */
  static async open({ written, key, mode }: DoorSettings, heirLog: Logger | undefined): Promise<Door> {
    const address = doorAddress(written, key);
    // Where it was started: its folder may be another one when it is closed.
    const door = new Door(address.type === 'unix' ? { type: 'unix', path: resolve(address.path) } : address, mode);
    try {
      await door.#bind();
    } catch (error) {
      if (heirLog === undefined || !isInUse(error)) throw named(error, key, written);
      door.#tryLater(heirLog);
    }
    return door;
  }

  /** Tells of each of its sockets: now, or when it opens. Once. */
  attend(onOpen: (socket: ListeningSocket) => void): void {
    this.#onOpen = onOpen;
    for (const socket of this.#sockets) onOpen(socket);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const socket of this.#sockets) socket.close();
  }

  async #bind(): Promise<void> {
    this.#sockets = await openOne(this.#address, this.#mode);
    if (this.#isClosed) this.close();
  }

  #tryLater(log: Logger): void {
    this.#timer = setTimeout(() => {
      this.#bind().then(
        () => (this.#isClosed ? undefined : this.attend(this.#onOpen ?? (() => undefined))),
        (error: unknown) => {
          if (isInUse(error)) {
            if (hasInherited()) this.#tries += 1;
            if (this.#tries === TRIES_OF_PREDECESSOR) log.warn(`${formatAddress(this.#address)} ${STRANGER}`);
            this.#tryLater(log);
          } else log.error(`${formatAddress(this.#address)} stays closed: ${(error as Error).message}`);
        },
      );
    }, TRY_AGAIN_MS).unref();
  }
}

const STRANGER = 'stays closed while it is in use: another process has it, and not the one whose place this one has taken';

/** It is the app's addresses that nobody need name. */
function named(error: unknown, option: DoorKey, word: string): unknown {
  if (!(error instanceof Fault)) return error;
  const context = { about: { key: option, word }, cause: error };
  if (error.code !== 'ADDRESS_IN_USE' && error.code !== 'ADDRESS_REFUSED') return new Fault(error.code, error.details, context);
  return new Fault(error.code, { ...(error.details as { address: string; why: string }), option }, context);
}

function isInUse(error: unknown): boolean {
  return error instanceof Fault && error.code === 'ADDRESS_IN_USE';
}

async function openOne(address: Address, socketMode: number): Promise<readonly ListeningSocket[]> {
  if (address.type === 'tcp') {
    const { openTcp } = await import('../listen/tcp-socket.ts');
    return openTcp(address, { backlog: BACKLOG, isIpv6Only: false });
  }
  const { openUnix } = await import('../listen/unix-socket.ts');
  return [await openUnix(address, { backlog: BACKLOG, socketMode, socketOwner: undefined, socketGroup: undefined })];
}
