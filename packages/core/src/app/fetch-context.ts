// app/fetch-context.ts: what a fetch app is told beside its Request. One for each request, so it makes nothing before it is asked.

import type { Exchange } from '../exchange/exchange.ts';
import type { TlsFacts } from '../exchange/tls-facts.ts';
import { traceContextOf, type TraceContext } from '../message/trace-context.ts';
import type { WebSocketHooks, WebSocketOptions } from '../websocket/hooks.ts';
import type { ClientFacts, FetchContext } from './contracts.ts';
import { makeEnviron, type Environ, type GatewayServer } from './environ.ts';
import { EXCHANGE } from './underlying.ts';
import { upgradeResponse } from './upgrade.ts';

const SERVER = Symbol('appserve.server');
const ENVIRON = Symbol('appserve.environ');

/** Its fields are no private ones: filters that add to it do so with Object.create(context). */
export class ExchangeContext implements FetchContext {
  readonly [EXCHANGE]: Exchange;
  readonly [SERVER]: GatewayServer;
  [ENVIRON]: Environ | undefined;

  constructor(exchange: Exchange, server: GatewayServer) {
    this[EXCHANGE] = exchange;
    this[SERVER] = server;
    this[ENVIRON] = undefined;
  }

  get remoteAddress(): string {
    return this[EXCHANGE].connection.remoteAddress;
  }

  get remotePort(): string {
    return this[EXCHANGE].connection.remotePort;
  }

  get tls(): TlsFacts | undefined {
    return this[EXCHANGE].connection.tls;
  }

  get environ(): Environ {
    return (this[ENVIRON] ??= makeEnviron(this[EXCHANGE], this[SERVER]));
  }

  get incoming(): ClientFacts {
    const { remoteAddress, remotePort } = this;
    const remoteFamily = remoteAddress === '' ? undefined : remoteAddress.includes(':') ? 'IPv6' : 'IPv4';
    return { socket: { remoteAddress, remotePort: Number(remotePort), remoteFamily } };
  }

  get traceContext(): TraceContext | undefined {
    return traceContextOf(this[EXCHANGE].head.fields);
  }

  waitUntil(work: PromiseLike<unknown>): void {
    this[SERVER].background?.add(work);
  }

  upgrade<D>(hooks: WebSocketHooks<D>, options: WebSocketOptions<D> = {}): Response {
    return upgradeResponse(this[EXCHANGE], hooks, options);
  }
}
