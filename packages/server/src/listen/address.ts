// listen/address.ts: what an operator writes for a socket, as data: `127.0.0.1:8080`, `[::1]:8080`, `:8080`, `host:8080`,
// `/run/app.sock`, `unix:app.sock`.

import { Fault } from '@appserve/core';

export type Address =
  | { readonly type: 'tcp'; readonly host: string; readonly port: number }
  | { readonly type: 'unix'; readonly path: string };

/** sockaddr_un.sun_path has 108 bytes, the last one NUL. Node 20 and 22 cut longer paths silently. */
const UNIX_PATH_BYTES_MAX = 107;

export const ADDRESS_FORMS = 'host:port, [v6]:port, :port, /path.sock or unix:path';

/** Faults: OPTION_INVALID, SOCKET_PATH_TOO_LONG. */
export function parseAddress(text: string): Address {
  if (/^[a-z]+:\/\//i.test(text)) throw refused(text, `an address, not a URL: ${ADDRESS_FORMS}`);
  if (text.startsWith('unix:')) return unixAddress(text, text.slice('unix:'.length));
  if (text.includes('/')) return unixAddress(text, text);
  const [, v6, host = v6, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]*)):([0-9]{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (host === undefined) throw refused(text, `${ADDRESS_FORMS}${hintFor(text)}`);
  if (port > 65_535) throw refused(text, 'an address with a port from 0 to 65535');
  return { type: 'tcp', host: host === '*' ? '' : host, port };
}

/** What was meant, where that is plain. */
function hintFor(text: string): string {
  if (/^[0-9]{1,5}$/.test(text)) return `; did you mean 127.0.0.1:${text}?`;
  return text.endsWith(',') ? '; several are parted by white space' : '';
}

function unixAddress(text: string, path: string): Address {
  const bytes = Buffer.byteLength(path);
  if (bytes > UNIX_PATH_BYTES_MAX) throw new Fault('SOCKET_PATH_TOO_LONG', { path, bytes, limit: UNIX_PATH_BYTES_MAX });
  if (path === '' || path.endsWith('/') || path.includes('\0'))
    throw refused(text, `the path of a file, or another of ${ADDRESS_FORMS}`);
  return { type: 'unix', path };
}

function refused(value: string, allowed: string): Fault {
  return new Fault('OPTION_INVALID', { key: 'socket', value, allowed });
}

/** As it is written in logs and messages; an empty host is every interface. */
export function formatAddress(address: Address): string {
  if (address.type === 'unix') return `unix:${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

/** What a person can click or give to curl. */
export function urlOf(address: Address): string {
  if (address.type === 'unix') return `unix:${address.path}`;
  return `http://${isEverywhere(address) ? `localhost:${address.port}` : formatAddress(address)}`;
}

/** Reached by whoever reaches this machine. */
export function isEverywhere(address: Address): boolean {
  return address.type === 'tcp' && ['', '::', '0.0.0.0'].includes(address.host);
}
