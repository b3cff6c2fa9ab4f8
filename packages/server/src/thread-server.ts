// thread-server.ts: the server of one thread, whatever it speaks: its listeners, its connections, its one timer. A worker runs one;
// programs that bring their own process model may too.

import { EventEmitter } from 'node:events';
import type { TlsOptions } from 'node:tls';
import { Fault } from '@appserve/core';
import type { ConnectionFacts, Handler } from '@appserve/core/exchange';
import type { ResponseStyle } from '@appserve/core/http1';
import type { BackgroundWork } from './background.ts';
import { AppCalls } from './connection/app-calls.ts';
import type { Drives } from './connection/alpn.ts';
import {
  Acceptor,
  clearEntrance,
  type DescriptorSource,
  type Entrance,
  type EntranceOf,
  type InnerEntrance,
  type Unwrapped,
} from './connection/accept.ts';
import { Clock } from './connection/clock.ts';
import { Connections } from './connection/connections.ts';
import type { ConnectionContext } from './connection/context.ts';
import { NO_COUNTERS, type Counters } from './connection/counters.ts';
import { DescriptorTable } from './connection/descriptor-table.ts';
import { behindProxies } from './connection/proxy-gate.ts';
import { NOTHING_SAID, type ListenerName, type Unsaid } from './connection/socket-facts.ts';
import { Ticker } from './connection/ticker.ts';
import { TlsGate, type GateOptions, type HandshakeSettings } from './connection/tls-gate.ts';
import type { Address } from './listen/address.ts';
import type { ListeningSocket } from './listen/sockets.ts';
import type { Logger } from './log.ts';
import type { AccessLog } from './logging/access/answered.ts';
import { OnceAMinute } from './once-a-minute.ts';
import type { ThreadSettings } from './settings.ts';
import { tlsOptions } from './tls/tls-options.ts';

export interface ServerEvents {
  /** An address is listened on. */
  listening: [address: Address];
  /** A client has connected; over TLS, after the handshake. */
  connection: [facts: ConnectionFacts];
  /** The server is closed and no connection is left. */
  close: [];
}

export interface ListenOptions {
  /** As node:tls takes them: key, cert, SNICallback, ...; they go before certfile and what belongs to it, and are for unix sockets too. */
  readonly tls?: TlsOptions;
}

/** What is spoken on the connections of a server. */
export interface Protocol {
  /** What shows the Date, where anything does. */
  readonly dated?: Pick<ResponseStyle, 'dateLine'>;
  readonly drives: (context: ConnectionContext) => Drives;
  /** Where there is TLS for it. */
  readonly handshakes?: HandshakeSettings;
  /** What counts where nothing else tells it; for HTTP. */
  readonly unsaid?: Unsaid;
}

export class ThreadServer extends EventEmitter<ServerEvents> implements AsyncDisposable {
  readonly #context: ConnectionContext;
  readonly #drives: Drives;
  readonly #clear: Entrance;
  readonly #handshakes: HandshakeSettings | undefined;
  readonly #unsaid: Unsaid;
  /** By the settings: for TCP, whatever the listener. */
  readonly #gate: TlsGate | undefined;
  /** What leads to it. */
  readonly #secure: Entrance | undefined;
  readonly #settings: ThreadSettings;
  readonly #acceptors = new Set<Acceptor>();
  readonly #sockets: ListeningSocket[] = [];
  readonly #background: BackgroundWork | undefined;
  #isOpen = false;
  readonly #warnings = new OnceAMinute<'connections' | 'descriptors'>();

  /** `background`: what the app does behind its answers: closing waits for it. */
  constructor(
    handler: Handler,
    settings: ThreadSettings,
    log: Logger,
    protocol: Protocol,
    counters: Counters = NO_COUNTERS,
    background?: BackgroundWork,
    access?: AccessLog,
  ) {
    super();
    this.#background = background;
    const clock = new Clock(protocol.dated);
    this.#settings = settings;
    this.#context = {
      calls: new AppCalls(handler, settings, (length) => log.warn(`${length} requests in queue`), clock, counters),
      timeouts: settings,
      clock,
      ticker: new Ticker(clock),
      log,
      access,
      counters,
      connections: new Connections(
        settings.maxConnections,
        () =>
          this.#pause('connections', `${this.connections} connections are open, which is max_connections (FastCGI: max_conns)`),
        () => this.#resume(),
        (open) => counters.open(open),
      ),
      descriptors: new DescriptorTable({
        onShort: (max) =>
          this.#pause('descriptors', `the process has nearly all the descriptors that it may have (ulimit -n is ${max})`),
        onRoom: () => this.#resume(),
        hasConnections: () => this.connections > 0,
      }),
      onConnection: (facts) => this.emit('connection', facts),
    };
    this.#drives = protocol.drives(this.#context);
    this.#unsaid = protocol.unsaid ?? NOTHING_SAID;
    this.#clear = this.#behindProxies(clearEntrance(this.#drives.clear, this.#unsaid, settings.headTimeoutMs));
    this.#handshakes = protocol.handshakes;
    this.#gate = settings.tls && this.#newGate(tlsOptions(settings.tls));
    this.#secure = this.#gate && this.#behindProxies(this.#gate);
  }

  /**
   * Listens on an address as options spell it, and gives it as bound: the first one, where it is several sockets. Faults: those of
   * openSockets.
   */
  async listen(address: string, { tls }: ListenOptions = {}): Promise<Address> {
    // Only here: it brings the system calls (koffi: 13 ms, 4 MB), which workers, who are given descriptors, do without.
    const [{ openSockets }, { descriptorsMax }] = await Promise.all([
      import('./listen/sockets.ts'),
      import('./listen/descriptor.ts'),
    ]);
    this.#context.descriptors.watch(descriptorsMax());
    const sockets = await openSockets([address], this.#settings);
    this.#sockets.push(...sockets);
    try {
      const gate = tls && this.#behindProxies(this.#newGate(tls));
      const entranceOf: EntranceOf = (listener) => gate ?? this.#entranceOf(listener);
      for (const socket of sockets) await this.#acceptFrom(() => socket.duplicate(), socket.backlog, entranceOf);
    } catch (error) {
      // TLS options that node:tls refuses: nobody would ever answer on these sockets.
      for (const socket of sockets) socket.close();
      throw error;
    }
    for (const socket of sockets) this.emit('listening', socket.address);
    return sockets[0]!.address;
  }

  /** Accepts connections from the descriptors of a listening socket, which become the server's own. Faults: DESCRIPTOR_FAILED. */
  async accept(source: DescriptorSource): Promise<void> {
    const { backlogs, backlog, descriptorsMax } = this.#settings;
    if (descriptorsMax !== undefined) this.#context.descriptors.watch(descriptorsMax);
    await this.#acceptFrom(source, backlogs?.[this.#acceptors.size] ?? backlog, (listener) => this.#entranceOf(listener));
  }

  /** A connection that somebody else has accepted. */
  take(accepted: Unwrapped, listener: ListenerName | undefined): void {
    this.#isOpen = true;
    this.#entranceOf(listener).unwrapped(accepted, listener);
  }

  /** Sessions of TLS that other workers settle are taken up by who has their keys. */
  renewTickets(keys: Uint8Array): void {
    this.#gate?.renewTickets(keys);
  }

  /** Unix sockets are in clear: who connects is on this machine, and let in by the file. */
  #entranceOf(listener: ListenerName | undefined): Entrance {
    return this.#secure === undefined || listener?.address === '' ? this.#clear : this.#secure;
  }

  /** Faults: TLS_NOT_SPOKEN. Throws what node:tls says of options that are not right. */
  #newGate(options: GateOptions): TlsGate {
    const { secured } = this.#drives;
    if (secured === undefined || this.#handshakes === undefined) throw new Fault('TLS_NOT_SPOKEN', {});
    return new TlsGate(options, this.#handshakes, secured, this.#unsaid, this.#context);
  }

  /** Faults: OPTIONS_CONFLICT. */
  #behindProxies(entrance: InnerEntrance): Entrance {
    return behindProxies(entrance, this.#settings, this.#context);
  }

  async #acceptFrom(source: DescriptorSource, backlog: number, entranceOf: EntranceOf): Promise<void> {
    const acceptor = new Acceptor(source, backlog, this.#context, entranceOf);
    this.#acceptors.add(acceptor);
    this.#isOpen = true;
    try {
      await acceptor.open();
    } catch (error) {
      acceptor.close();
      throw error;
    }
  }

  #pause(limit: 'connections' | 'descriptors', what: string): void {
    if (this.#warnings.isDue(limit)) this.#context.log.warn(`${what}: the kernel queues further connections`);
    for (const acceptor of this.#acceptors) acceptor.pause();
  }

  #resume(): void {
    const { connections, descriptors } = this.#context;
    if (connections.isFull || descriptors.isShort) return;
    for (const acceptor of this.#acceptors) acceptor.resume();
  }

  get connections(): number {
    return this.#context.connections.size;
  }

  /** It will close soon, and goes on until then: each connection ends with its next answer, where its protocol can say so. */
  forewarn(): void {
    this.#context.connections.forewarn();
  }

  closeIdleConnections(): void {
    this.#context.connections.closeIdle();
  }

  /**
   * No new connections; idle ones close, busy ones after their answer, or when `graceMs` are over: graceful_timeout when left out.
   * Patient: an idle one may bring one more request, which is on its way. Finishes: those that wait to be accepted are, since nobody
   * else would. Resolves when none is left; gives how many were cut. The server may listen again.
   */
  async close(graceMs = this.#settings.gracefulTimeoutMs, isPatient = false, finishes = isPatient): Promise<number> {
    const untilMs = performance.now() + graceMs;
    const acceptors = [...this.#acceptors];
    if (finishes) await Promise.all(acceptors.map((acceptor) => acceptor.finish()));
    else for (const acceptor of acceptors) acceptor.close();
    // Not before: limits hold to the last.
    for (const acceptor of acceptors) this.#acceptors.delete(acceptor);
    for (const socket of this.#sockets.splice(0)) socket.close();
    this.#context.descriptors.rest();
    const cut = await this.#context.connections.drain(Math.max(0, untilMs - performance.now()), isPatient);
    await this.#finishBackground(untilMs - performance.now());
    if (this.#isOpen) {
      this.#isOpen = false;
      this.emit('close');
    }
    return cut;
  }

  async #finishBackground(limitMs: number): Promise<void> {
    const left = (await this.#background?.settled(Math.max(0, limitMs))) ?? 0;
    if (left === 0) return;
    const work = left === 1 ? '1 piece of work behind an answer' : `${left} pieces of work behind answers`;
    this.#context.log.warn(`${work} went on for too long: it is not waited for`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
