// connection/proxy-gate.ts: connections that begin with a PROXY header, up to its end; then they go on as others do, in clear or with
// their handshake of TLS, with the ends that the header has told.
//
// Law: nobody guesses (PROXY protocol §2). On a server with proxy_protocol each connection comes from somebody of proxy_allow and begins
// with a header; any other is closed without an answer, before the first byte of a client is looked at.

import type { Socket } from 'node:net';
import { Fault } from '@appserve/core';
import { AddressList } from '@appserve/core/peers';
import { HEADER_BYTES_MAX, readProxyHeader, type ProxyHeader, type ProxyVersions } from '@appserve/core/proxy-protocol';
import { OnceAMinute } from '../once-a-minute.ts';
import type { ThreadSettings } from '../settings.ts';
import type { Entrance, InnerEntrance, Introduced, Unwrapped } from './accept.ts';
import type { ConnectionContext } from './context.ts';
import type { Refused } from './counters.ts';
import { attach, readAsStream } from './driven-socket.ts';
import { OpeningDriver } from './opening.ts';
import { GONE, NOTHING_SAID, SocketFacts, type ListenerName } from './socket-facts.ts';

type ProxySettings = Pick<ThreadSettings, 'proxyAllow' | 'proxyProtocol'>;

/** `inner` itself where no header is spoken. Faults: OPTIONS_CONFLICT. */
export function behindProxies(inner: InnerEntrance, settings: ProxySettings, context: ConnectionContext): Entrance {
  const { proxyProtocol, proxyAllow } = settings;
  if (proxyProtocol === 'off') return inner;
  if (proxyAllow === undefined)
    throw new Fault('OPTIONS_CONFLICT', { keys: ['proxy_protocol', 'proxy_allow'], why: ALLOW_MISSING });
  return new ProxyGate(inner, proxyProtocol, AddressList.of(proxyAllow)!, context);
}

export const ALLOW_MISSING = 'whoever may say a PROXY header says who a client is: proxy_allow must name them';

class ProxyGate implements Entrance {
  readonly #inner: InnerEntrance;
  readonly #versions: ProxyVersions;
  readonly #allowed: AddressList;
  readonly #context: ConnectionContext;
  /** Of each kind, so that one hides no other. What is told of a kind has words of the peer, of which there is no end. */
  readonly #warnings = new OnceAMinute<string>();

  constructor(inner: InnerEntrance, versions: ProxyVersions, allowed: AddressList, context: ConnectionContext) {
    this.#inner = inner;
    this.#versions = versions;
    this.#allowed = allowed;
    this.#context = context;
  }

  unwrapped(accepted: Unwrapped, name: ListenerName | undefined): void {
    this.#begin(this.#inner.socketOf(accepted), name);
  }

  ordinary(socket: Socket): void {
    if (this.#begin(socket, undefined)) readAsStream(socket);
  }

  /** False: nobody who may say a header. */
  #begin(socket: Socket, name: ListenerName | undefined): boolean {
    const facts = new SocketFacts(socket, name, NOTHING_SAID);
    const { remoteAddress } = facts;
    if (!this.#allowed.has(remoteAddress)) {
      if (remoteAddress !== GONE)
        this.#refused('address', 'stranger', `${who(facts)} is not let in: proxy_allow does not name it; ${STRANGER_HINT}`);
      socket.on('error', () => undefined).destroy();
      return false;
    }
    const { patienceMs } = this.#inner;
    const driver = new HeaderDriver(socket, this.#context, patienceMs, {
      read: (bytes) => readProxyHeader(bytes, this.#versions),
      whole: (introduced) => this.#inner.goOn(socket, { ...introduced, name }),
      wrong: ({ code, message, hint = '' }) =>
        this.#refused(
          'header',
          `${code} ${hint}`,
          `${who(facts)}: ${code}: ${message}; the connection is closed${hint && `; ${hint}`}`,
        ),
    });
    attach(socket, driver);
    driver.begin(patienceMs);
    return true;
  }

  #refused(of: Refused, kind: string, what: string): void {
    const { log, counters } = this.#context;
    counters.refused(of);
    if (this.#warnings.isDue(kind)) log.warn(what);
    else log.debug(what);
  }
}

const STRANGER_HINT = 'add it if it is a proxy; clients have to come by one, or to another server';

/** And where it has come, of the several places where a server may listen. */
function who({ remoteAddress, localAddress, localPort }: SocketFacts): string {
  if (remoteAddress === '') return 'a peer on a unix socket';
  const host = localAddress.includes(':') ? `[${localAddress}]` : localAddress;
  return localPort === '' ? `peer ${remoteAddress}` : `peer ${remoteAddress} on ${host}:${localPort}`;
}

interface HeaderEvents {
  /** Nothing: it is not whole. Faults: PROXY_HEADER_INVALID. */
  read(bytes: Uint8Array): ProxyHeader | undefined;
  whole(introduced: Omit<Introduced, 'name'>): void;
  wrong(fault: Fault): void;
}

/** Until the header is whole. */
class HeaderDriver extends OpeningDriver {
  readonly #patienceMs: number;
  readonly #events: HeaderEvents;
  #seen = Buffer.alloc(0);
  #isDone = false;

  constructor(socket: Socket, context: ConnectionContext, patienceMs: number, events: HeaderEvents) {
    super(socket, context);
    this.#patienceMs = patienceMs;
    this.#events = events;
  }

  protected get who(): string {
    return 'a proxy, ahead of its header';
  }

  receive(bytes: Uint8Array | null, length: number): void {
    if (this.#isDone) return;
    // A proxy that looks whether we are there connects, and leaves (§2).
    if (bytes === null) this.socket.destroy();
    else this.#read(bytes.subarray(0, length));
  }

  #read(bytes: Uint8Array): void {
    const before = this.#seen.length;
    const all = Buffer.concat([this.#seen, bytes.subarray(0, HEADER_BYTES_MAX - before)]);
    try {
      const header = this.#events.read(all);
      if (header === undefined) this.#seen = all;
      else this.#goOn({ rest: bytes.subarray(header.length - before), ends: header.ends, isDrained: this.isDrained });
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'PROXY_HEADER_INVALID') throw error;
      this.#refuse(error);
    }
  }

  #goOn(introduced: Omit<Introduced, 'name'>): void {
    this.#isDone = true;
    this.#events.whole(introduced);
    // Whoever closes the socket right away leaves us as its driver: `closed` comes too.
    this.leave();
  }

  #refuse(fault: Fault): void {
    this.#isDone = true;
    this.#events.wrong(fault);
    this.socket.destroy();
  }

  protected late(): void {
    if (!this.#isDone) this.#refuse(new Fault('PROXY_HEADER_TIMEOUT', { limitMs: this.#patienceMs }));
  }
}
