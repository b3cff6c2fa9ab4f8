// listen/address.ts: what an operator writes for a socket, as data: `127.0.0.1:8080`, `[::1]:8080`, `:8080`, `host:8080`,
// `/run/app.sock`, `unix:app.sock`, `fd:3`, `systemd`, `systemd:NAME`.

import { resolve } from 'node:path';
import { Fault } from '@appserve/core';

export type Address =
  | { readonly type: 'tcp'; readonly host: string; readonly port: number }
  | {
      readonly type: 'unix';
      /** Of an inherited socket also `@name`, which is an abstract name, or nothing. */
      readonly path: string;
    };

/** A socket that is there already: what it is bound to is seen when it is opened. */
export type InheritedAddress =
  | { readonly type: 'fd'; readonly fd: number }
  /** No name: every socket that systemd passed. */
  | { readonly type: 'systemd'; readonly name: string | undefined };

export type WrittenAddress = Address | InheritedAddress;

/** sockaddr_un.sun_path has 108 bytes, the last one NUL. Node 20 and 22 cut longer paths silently. */
const UNIX_PATH_BYTES_MAX = 107;

export const ADDRESS_FORMS = 'host:port, [v6]:port, :port, /path.sock, unix:path, fd:N, systemd or systemd:NAME';

/** Pyruvate's word for the sockets that systemd passed. */
const ALL_OF_SYSTEMD: readonly string[] = ['systemd', 'None'];
/** As the kernel counts descriptors: an int. */
const DESCRIPTOR = /^fd:(0|[1-9][0-9]{0,8})$/;

/** Faults: OPTION_INVALID, SOCKET_PATH_TOO_LONG. */
export function parseAddress(text: string): WrittenAddress {
  if (/^[a-z]+:\/\//i.test(text)) throw refused(text, `an address, not a URL: ${ADDRESS_FORMS}`);
  if (ALL_OF_SYSTEMD.includes(text)) return { type: 'systemd', name: undefined };
  if (text.startsWith('systemd:')) return systemdAddress(text, text.slice('systemd:'.length));
  if (text.startsWith('fd:')) return descriptorAddress(text);
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
  if (/^(?:systemd|none)$/i.test(text)) return '; did you mean systemd?';
  return text.endsWith(',') ? '; several are parted by white space' : '';
}

/** What may be a FileDescriptorName= (systemd.socket(5)); white space is none of ours, since addresses are parted by it. */
function systemdAddress(text: string, name: string): InheritedAddress {
  if (!/^[!-9;-~]{1,255}$/.test(name))
    throw refused(text, 'systemd:NAME, where NAME is a FileDescriptorName= of the socket unit');
  return { type: 'systemd', name };
}

function descriptorAddress(text: string): InheritedAddress {
  const [, digits] = DESCRIPTOR.exec(text) ?? [];
  if (digits === undefined) throw refused(text, 'fd:N, where N is the number of a descriptor, such as fd:3');
  return { type: 'fd', fd: Number(digits) };
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
export function formatAddress(address: WrittenAddress): string {
  if (address.type === 'unix') return `unix:${address.path}`;
  if (address.type === 'fd') return `fd:${address.fd}`;
  if (address.type === 'systemd') return address.name === undefined ? 'systemd' : `systemd:${address.name}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

/** What a person can click or give to curl. */
export function urlOf(address: Address): string {
  if (address.type === 'unix') return `unix:${address.path}`;
  return `http://${isEverywhere(address) ? `localhost:${address.port}` : formatAddress(address)}`;
}

/** Reached by whoever reaches this machine. */
export function isEverywhere(address: WrittenAddress): boolean {
  return address.type === 'tcp' && ['', '::', '0.0.0.0'].includes(address.host);
}

/** The first address that stands twice, as it stands there: the same port, file or descriptor. Port 0 is another one each time. */
export function repeatedAddress(texts: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return texts.find((text) => {
    const address = parseAddress(text);
    if (address.type === 'tcp' && address.port === 0) return false;
    const same = address.type === 'unix' ? resolve(address.path) : spelling(address);
    const isRepeated = seen.has(same);
    seen.add(same);
    return isRepeated;
  });
}

function spelling(address: WrittenAddress): string {
  const written = formatAddress(address);
  return address.type === 'tcp' ? written.toLowerCase() : written;
}
