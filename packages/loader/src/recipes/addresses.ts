// recipes/addresses.ts: where an instance listens: `http-address` as a Plone site writes it, in the spelling of the server's `socket`, and
// as a web server in front of it writes it.

import { isAbsolute } from 'node:path';
import type { Word } from '../setting.ts';
import type { Part } from './part.ts';

const DEFAULT_ADDRESS = '0.0.0.0:8080';

/** `8080`, `host:8080`, `unix:var/site.sock`, `var/site.sock`, `systemd:web`; several of them. Faults: PART_OPTION. */
export function socketsOf(part: Part): readonly string[] {
  const words = part.words('http-address');
  return words.length === 0 ? [DEFAULT_ADDRESS] : words.map((word) => socketOf(part, word));
}

/** Faults: PART_OPTION for a path with a blank in it: so the folder has, and there is no way to write it. */
function socketOf(part: Part, { text: written, at }: Word): string {
  if (/^\d+$/.test(written)) return `0.0.0.0:${written}`;
  const path = written.startsWith('unix:') ? written.slice('unix:'.length) : written;
  // A port ends an address over TCP; what has a slash and none is a path.
  const isPath = written.startsWith('unix:') || (written.includes('/') && !/:\d+$/.test(written));
  if (!isPath) return written;
  // The name of a socket without a file, as Linux has them.
  if (path.startsWith('@') || isAbsolute(path)) return `unix:${path}`;
  const whole = part.path(path);
  if (/\s/.test(whole)) {
    const why = `${whole} has a blank in it, where the server takes the next address to begin; write another path, such as /run/${part.name}.sock`;
    part.refuse('http-address', why, at);
  }
  return `unix:${whole}`;
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
