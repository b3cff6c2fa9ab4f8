// websocket/handshake.ts: the opening handshake, as a machine: a request head in, what the client wants, or a fault, out (RFC 6455 §4.2.1).
//
// Law: nothing is guessed. One key, one version, and that is 13; a handshake that would have two readings is refused. The hash of
// the key (§4.2.2) is the driver's.

import { Fault } from '../faults.ts';
import type { Fields } from '../message/fields.ts';
import { isHost } from '../message/host.ts';
import { listItems, stripOws, TOKEN } from '../message/grammar.ts';
import type { RequestHead } from '../message/request-head.ts';
import { deflateOffers } from './offers.ts';

/** What a client that may be answered with 101 has said. */
export interface Handshake {
  /** Sec-WebSocket-Key, as it was sent. */
  readonly key: string;
  /** Subprotocols in the order of the client's liking. */
  readonly protocols: readonly string[];
  /** Offers of permessage-deflate that can be taken, as the value of a field; empty when there are none. */
  readonly deflate: string;
  readonly origin: string | undefined;
  readonly host: string;
}

const WEBSOCKET = 'websocket';
const VERSION = '13';
/** Sixteen bytes in base64 (RFC 4648 §4): the last of 22 digits has four bits that stand for nothing, and must be zero. */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

/** Whether a request asks for a WebSocket at all: what else is wrong with it is told by `readHandshake`. */
export function wantsWebSocket({ fields }: RequestHead): boolean {
  return fields.has('upgrade') && has(fields, 'upgrade', WEBSOCKET) && has(fields, 'connection', 'upgrade');
}

/** Faults: WEBSOCKET_WANTED, WEBSOCKET_VERSION, WEBSOCKET_HANDSHAKE_INVALID. */
export function readHandshake(head: RequestHead): Handshake {
  const { fields } = head;
  if (!wantsWebSocket(head)) throw new Fault('WEBSOCKET_WANTED', { version: head.version });
  if (head.method !== 'GET') throw invalid(`its method is ${head.method}, not GET`);
  if (head.version === 'HTTP/1.0') throw invalid('it needs HTTP/1.1');
  if (head.hasBody) throw invalid('it has a body');
  const version = single(fields, 'Sec-WebSocket-Version');
  if (version !== VERSION) throw new Fault('WEBSOCKET_VERSION', { value: version });
  const key = single(fields, 'Sec-WebSocket-Key');
  if (!KEY.test(key)) throw invalid('Sec-WebSocket-Key is not 16 bytes in base64');
  const host = single(fields, 'Host');
  if (host === '' || !isHost(host)) throw invalid('Host names nobody');
  const deflate = deflateOffers(fields.all('sec-websocket-extensions'));
  if (deflate === undefined) throw invalid('Sec-WebSocket-Extensions is no list of extensions');
  return { key, protocols: protocolsOf(fields), deflate, origin: originOf(fields), host };
}

function invalid(why: string): Fault {
  return new Fault('WEBSOCKET_HANDSHAKE_INVALID', { why });
}

function has(fields: Fields, name: string, token: string): boolean {
  return fields.all(name).some((value) => listItems(value).includes(token));
}

function single(fields: Fields, name: string): string {
  const values = fields.all(name);
  if (values.length !== 1) throw invalid(`${name} ${values.length === 0 ? 'is missing' : 'stands more than once'}`);
  return values[0]!;
}

/** Case matters here, other than in most lists; each must be another one (RFC 6455 §4.1). */
function protocolsOf(fields: Fields): string[] {
  const lines = fields.all('sec-websocket-protocol');
  const protocols = lines.flatMap((line) => line.split(',').map(stripOws));
  if (!protocols.every((protocol) => TOKEN.test(protocol))) throw invalid('Sec-WebSocket-Protocol is no list of tokens');
  if (new Set(protocols).size !== protocols.length) throw invalid('Sec-WebSocket-Protocol names one twice');
  return protocols;
}

function originOf(fields: Fields): string | undefined {
  return fields.has('origin') ? single(fields, 'Origin') : undefined;
}

/** What the endpoint likes best of what the client offers; none, where they have nothing in common (RFC 6455 §4.2.2, 5.). */
export function chooseProtocol(offered: readonly string[], supported: readonly string[]): string | undefined {
  return supported.find((protocol) => offered.includes(protocol));
}

/** Which pages may connect: `same`, those of the endpoint's own host; `any`; or those of these origins. Browsers alone send one. */
export type Origins = 'same' | 'any' | readonly string[];

/**
 * Faults: WEBSOCKET_ORIGIN_REFUSED. The scheme of a page is not compared for `same`: what ends TLS in front of us does not always tell.
 */
export function checkOrigin({ origin, host }: Handshake, origins: Origins): void {
  if (origin === undefined || origins === 'any') return;
  const isAllowed = origins === 'same' ? authorityOf(origin) === host.toLowerCase() : origins.includes(origin);
  if (!isAllowed) throw new Fault('WEBSOCKET_ORIGIN_REFUSED', { origin: JSON.stringify(origin) });
}

/** `https://example.org:8443` -> `example.org:8443`; nothing for `null`, which stands for pages without an origin (RFC 6454 §7.3). */
function authorityOf(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]?.toLowerCase();
}
