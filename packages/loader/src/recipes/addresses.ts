// recipes/addresses.ts: where an instance listens: `http-address` as a Plone site writes it, in the spelling of the server's `socket`, and
// as a web server in front of it writes it.

import { isAbsolute } from 'node:path';
import type { Part } from './part.ts';

const DEFAULT_ADDRESS = '0.0.0.0:8080';

/** `8080`, `host:8080`, `unix:var/site.sock`, `var/site.sock`, `systemd:web`; several of them. Faults: PART_OPTION. */
export function socketsOf(part: Part): readonly string[] {
  const words = part.words('http-address');
  return words.length === 0 ? [DEFAULT_ADDRESS] : words.map(({ text }) => socketOf(part, text));
}

function socketOf(part: Part, written: string): string {
  if (/^\d+$/.test(written)) return `0.0.0.0:${written}`;
  const path = written.startsWith('unix:') ? written.slice('unix:'.length) : written;
  // A port ends an address over TCP; what has a slash and none is a path.
  const isPath = written.startsWith('unix:') || (written.includes('/') && !/:\d+$/.test(written));
  if (!isPath) return written;
  // The name of a socket without a file, as Linux has them.
  return path.startsWith('@') || isAbsolute(path) ? `unix:${path}` : `unix:${part.path(path)}`;
}

/** What stands behind `server` in an nginx upstream; nothing for one whose address is not known here. */
export function upstreamAddress(socket: string): string | undefined {
  if (socket.startsWith('unix:')) return socket.startsWith('unix:@') ? undefined : socket;
  if (/^(?:systemd|fd)(?::|$)/.test(socket)) return undefined;
  const [, host, port] = /^(.*):(\d+)$/.exec(socket) ?? [];
  if (host === undefined || port === '0') return undefined;
  // Where the server listens everywhere, it is reached here.
  const near = host === '' || host === '0.0.0.0' || host === '*' ? '127.0.0.1' : host === '[::]' ? '[::1]' : host;
  return `${near}:${port}`;
}
