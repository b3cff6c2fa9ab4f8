// websocket/offers.ts: Sec-WebSocket-Extensions (RFC 6455 §9.1), and which offers of permessage-deflate can be taken (RFC 7692 §7.1).
//
// Law: what breaks the grammar is refused; what keeps it and is not understood, or says something wrong of itself, is declined, which
// is no error (RFC 7692 §5.1).

import { listItems, stripOws, TOKEN } from '../message/grammar.ts';

/** A value may be quoted, but must be a token without its quotes (RFC 6455 §9.1). */
const PARAMETER = /^([^=]+?)(?:[\t ]*=[\t ]*(?:([^"]+)|"([^"\\]+)"))?$/;

type Parameter = readonly [name: string, value: string | undefined];
interface Offer {
  readonly name: string;
  readonly parameters: readonly Parameter[];
}

/** `undefined` when it breaks the grammar. No value may hold a comma or a semicolon, since it must be a token. */
function parseOffers(values: readonly string[]): Offer[] | undefined {
  const offers: Offer[] = [];
  for (const item of values.flatMap(listItems)) {
    const [name, ...rest] = item.split(';').map(stripOws) as [string, ...string[]];
    const parameters = rest.map(parseParameter);
    if (!TOKEN.test(name) || parameters.includes(undefined)) return undefined;
    offers.push({ name, parameters: parameters as Parameter[] });
  }
  return offers;
}

function parseParameter(text: string): Parameter | undefined {
  const [, name, plain, quoted] = PARAMETER.exec(text) ?? [];
  const value = plain ?? quoted;
  if (name === undefined || !TOKEN.test(name) || (value !== undefined && !TOKEN.test(value))) return undefined;
  return [name, value];
}

const WINDOW_BITS = /^(?:9|1[0-5])$/;
/** Of a window of 256 bytes zlib makes one of 512: it cannot keep such a promise. What it reads may be smaller. */
const isWindow = (value: string | undefined): boolean => value !== undefined && WINDOW_BITS.test(value);

const PARAMETERS: Readonly<Record<string, (value: string | undefined) => boolean>> = {
  server_no_context_takeover: (value) => value === undefined,
  client_no_context_takeover: (value) => value === undefined,
  server_max_window_bits: isWindow,
  client_max_window_bits: (value) => value === undefined || value === '8' || isWindow(value),
};

function isAcceptable({ name, parameters }: Offer): boolean {
  const names = new Set(parameters.map(([parameter]) => parameter));
  return (
    name === 'permessage-deflate' &&
    names.size === parameters.length &&
    parameters.every(([parameter, value]) => Object.hasOwn(PARAMETERS, parameter) && PARAMETERS[parameter]!(value))
  );
}

/** The offers of permessage-deflate that can be taken, as one value; empty when there is none, `undefined` when it is no value at all. */
export function deflateOffers(values: readonly string[]): string | undefined {
  return parseOffers(values)?.filter(isAcceptable).map(textOf).join(', ');
}

function textOf({ name, parameters }: Offer): string {
  return [name, ...parameters.map(([parameter, value]) => (value === undefined ? parameter : `${parameter}=${value}`))].join(
    '; ',
  );
}
