// app/upgrade.ts: how the contracts give an app a WebSocket: as what it returns, so that filters can see it, add to it, or refuse it.

import { fromLatin1 } from '../bytes.ts';
import { Fault } from '../faults.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { reasonPhrase } from '../message/status.ts';
import { accept, refusalOf } from '../websocket/accept.ts';
import { switchingFields } from '../websocket/endpoint.ts';
import type { Acceptance, WebSocketHooks, WebSocketOptions } from '../websocket/hooks.ts';
import type { GatewayWebSocket } from './environ.ts';
import type { GatewayResult } from './contracts.ts';
import type { HeaderList } from './header-list.ts';
import { nativeClasses } from './native-classes.ts';

/** Answers with 101. Faults: RESPONSE_FIELD_*, RESPONSE_OUT_OF_TURN, CONNECTION_OUT_OF_REACH. */
export function openWebSocket(exchange: Exchange, acceptance: Acceptance, flat: readonly string[]): void | Promise<void> {
  const fields = switchingFields(flat);
  if (exchange.openThrough !== undefined) return exchange.openThrough(acceptance, flat);
  return exchange.takeOver().openWebSocket(acceptance, fields);
}

const acceptances = new WeakMap<object, Acceptance>();

/** No Response may be made with 101, but one may be told to have it: filters see its status and may set further fields. */
function switching(acceptance: Acceptance): Response {
  const { Response: NativeResponse } = nativeClasses();
  const response = new NativeResponse(null, { headers: (acceptance.options.headers ?? []) as [string, string][] });
  const said = { status: 101, statusText: reasonPhrase(101), ok: false };
  for (const [name, value] of Object.entries(said)) Object.defineProperty(response, name, { value });
  acceptances.set(response, acceptance);
  return response;
}

/** Faults: WEBSOCKET_HOOK_INVALID, WEBSOCKET_OPTION_INVALID, RESPONSE_FIELD_*. */
export function upgradeResponse(exchange: Exchange, hooks: WebSocketHooks, options: WebSocketOptions): Response {
  try {
    return switching(accept(exchange.head, hooks, options));
  } catch (error) {
    const { status, fields, text } = refusalOf(error);
    return new (nativeClasses().Response)(text, { status, headers: fields as [string, string][] });
  }
}

/** What is to be opened, when a Response is one that `upgradeResponse` gave. */
export function acceptanceOf(response: object): Acceptance | undefined {
  return acceptances.get(response);
}

const offers = new WeakMap<object, GatewayUpgrade>();

/** The upgrade behind what an environ offers; nothing where none is offered, or by somebody else. */
export function upgradeBehind(offered: GatewayWebSocket | undefined): GatewayUpgrade | undefined {
  return offered === undefined ? undefined : offers.get(offered);
}

/** The status of a WebSocket that is opened. */
export const SWITCHING = `101 ${reasonPhrase(101)}`;

/**
 * The upgrade of one gateway request. Its head goes through startResponse as any other, where filters may add to it; it opens when
 * the server iterates over what the app returned.
 */
export class GatewayUpgrade {
  readonly #exchange: Exchange;
  #acceptance: Acceptance | undefined;
  /** Of the 101, as it came to the server; nothing while it has not. */
  #flat: readonly string[] | undefined;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** `environ['appserve.websocket']`. */
  offered(): GatewayWebSocket {
    const offer: GatewayWebSocket = (start, hooks, options) => this.#begin(start, hooks, options);
    offers.set(offer, this);
    return offer;
  }

  #begin(
    startResponse: Parameters<GatewayWebSocket>[0],
    hooks: WebSocketHooks,
    options: WebSocketOptions = {},
  ): ReturnType<GatewayWebSocket> {
    try {
      this.#acceptance = accept(this.#exchange.head, hooks, options);
    } catch (error) {
      const { status, fields, text } = refusalOf(error);
      startResponse(`${status} ${reasonPhrase(status)}`, fields);
      return [fromLatin1(text)];
    }
    return this.#switch(startResponse, options.headers ?? []);
  }

  /** The same for an app of another contract, which has accepted already. */
  through(startResponse: Parameters<GatewayWebSocket>[0], acceptance: Acceptance, headers: HeaderList): GatewayResult {
    this.#acceptance = acceptance;
    return this.#switch(startResponse, headers);
  }

  #switch(startResponse: Parameters<GatewayWebSocket>[0], headers: HeaderList): GatewayResult {
    startResponse(SWITCHING, headers);
    return { [Symbol.asyncIterator]: () => ({ next: () => this.#open() }) };
  }

  /** Whether a status that an app gives to startResponse is that of this upgrade. */
  isHead(status: string): boolean {
    return this.#acceptance !== undefined && status === SWITCHING;
  }

  head(flat: readonly string[]): void {
    this.#flat = flat;
  }

  /** Another head has taken its place. */
  drop(): void {
    this.#flat = undefined;
  }

  /** There is no piece. Faults: UPGRADE_DROPPED. */
  async #open(): Promise<IteratorResult<Uint8Array>> {
    if (this.#flat === undefined) throw new Fault('UPGRADE_DROPPED', {});
    if (!this.#exchange.isOver) await openWebSocket(this.#exchange, this.#acceptance!, this.#flat);
    return { done: true, value: undefined };
  }
}
