// proxying/forwarding.ts: what a request is on its way to another server: its path and its fields.

import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { urlBelowMount } from '@appserve/core/app';
import { endToEnd } from '../hop-by-hop.ts';

export interface ForwardingSettings {
  readonly address: string;
  readonly preserveHost: boolean;
  readonly forwarded: 'set' | 'append' | 'keep';
  readonly suppressHttpHeaders: readonly string[];
}

/**
 * Which fields are not as the client has sent them. What is said anew is taken away where it is `append`; with `set` all goes that a proxy
 * should say of a client and any client can: apps believe X-Forwarded-Port, -Prefix and -Ssl too, and those of CGI take _ for -. No proxy
 * writes them with _, so that with `append` too these are a client's.
 */
const LEFT = {
  set: /^(?:forwarded|x[-_]forwarded(?:[-_].*)?|x[-_]real[-_]ip)$/,
  append: /^(?:forwarded|x-forwarded-(?:for|host|proto)|(?=.*_)(?:x[-_]forwarded(?:[-_].*)?|x[-_]real[-_]ip))$/,
  keep: undefined,
} as const;
/** The server has asked the client to go on by then. */
const ALWAYS = ['expect', 'host'];

export class Forwarding {
  readonly #settings: ForwardingSettings;
  readonly #host: string;
  readonly #basePath: string;
  readonly #isLeft: (name: string) => boolean;

  constructor(settings: ForwardingSettings) {
    const { host, pathname } = new URL(settings.address);
    this.#settings = settings;
    this.#host = host;
    this.#basePath = pathname === '/' ? '' : pathname;
    const forwarded = LEFT[settings.forwarded];
    const left = new Set([...ALWAYS, ...settings.suppressHttpHeaders.map((name) => name.toLowerCase())]);
    this.#isLeft = (name) => left.has(name) || forwarded?.test(name) === true;
  }

  /** As it was sent, behind the path of the address. Nothing where it might lead out of that. */
  path(request: IncomingMessage): string | undefined {
    const url = urlBelowMount(request);
    // The absolute-form is that of a request to a proxy of the client's choice, which this is not.
    const absolute = /^https?:\/\/[^/?#]*/i.exec(url)?.[0] ?? '';
    const target = url.slice(absolute.length);
    if (target !== '' && !target.startsWith('/') && !target.startsWith('?')) return undefined;
    const [path = ''] = target.split('?', 1);
    if (isClimbing(path)) return undefined;
    const query = target.slice(path.length);
    const whole = `${this.#basePath}${path === '' && this.#basePath === '' ? '/' : path}${query}`;
    // undici refuses what no request line may have, though clients send it. Chars are bytes here.
    return whole.replaceAll(/[^\u0021-\u007e]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
  }

  /** Name, value, name, value. */
  fields(request: IncomingMessage): string[] {
    const { forwarded, preserveHost } = this.#settings;
    const host = request.headers.host ?? this.#host;
    const fields = ['host', preserveHost ? host : this.#host, ...endToEnd(request.rawHeaders, this.#isLeft)];
    if (forwarded === 'keep') return fields;
    const { socket, headers } = request;
    const scheme = (socket as TLSSocket).encrypted ? 'https' : 'http';
    const add = (name: string, value: string): void => {
      const before = forwarded === 'append' ? headers[name] : undefined;
      fields.push(name, before === undefined ? value : `${String(before)}, ${value}`);
    };
    add('x-forwarded-for', socket.remoteAddress ?? 'unknown');
    add('x-forwarded-proto', scheme);
    add('x-forwarded-host', host);
    return fields;
  }
}

/** A segment of two dots, in any spelling: servers take a backslash for a slash, and `..;x` for `..`. */
function isClimbing(path: string): boolean {
  if (!path.includes('.') && !/%2e/i.test(path)) return false;
  const plain = path.replaceAll(/%2e/gi, '.').replaceAll(/%2f|%5c|\\/gi, '/');
  return plain.split('/').some((segment) => /^\.\.(?:;.*)?$/.test(segment));
}
