// logging/access/atoms.ts: formats that an ini writes with atoms: `%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s`. docs/guide/logging.md shows
// this table.
//
// Source: gunicorn's access_log_format, all of its atoms, and some of ours. Atoms are text, also where gunicorn has numbers, so any letter
// that it takes may end one.

import { Fault } from '@appserve/core';
import { percentDecoded } from '@appserve/core/app';
import type { Answered } from './answered.ts';
import { blankless, field, orDash, requestLine, timeText, userOf, type MakeLine } from './lines.ts';

interface Atom {
  readonly means: string;
  readonly of: (answered: Answered, thread: string) => string;
  readonly needsTime?: true;
}

function tookMs({ beganMs }: Answered): number {
  return performance.now() - beganMs;
}

export const ATOMS = {
  h: {
    means: 'the address of the client; `-` behind a unix socket',
    of: ({ connection }) => blankless(connection.remoteAddress),
  },
  l: { means: '`-`', of: () => '-' },
  u: { means: 'the name of Basic credentials, as the client says it', of: (answered) => blankless(userOf(answered)) },
  t: { means: 'when it was answered: `[20/Nov/2026:22:48:01 +0000]`', of: () => `[${timeText()}]` },
  r: { means: 'the request line: `GET /a?b HTTP/1.1`', of: requestLine },
  m: { means: 'the method', of: ({ head }) => head?.method ?? '-' },
  U: { means: 'the path, without its query', of: ({ head }) => orDash(head?.path) },
  q: {
    means: 'the query; empty without one',
    of: ({ head }) => (head === undefined || head.query === '' ? '' : orDash(head.query)),
  },
  H: { means: 'the version of HTTP that the client speaks', of: ({ head }) => orDash(head?.version) },
  s: { means: 'the status; `-` where the client left before it was answered', of: ({ status }) => String(status || '-') },
  B: { means: 'bytes of the body of the answer', of: ({ bodyBytes }) => String(bodyBytes) },
  b: { means: 'the same, `-` for none', of: ({ bodyBytes }) => String(bodyBytes || '-') },
  f: { means: 'Referer', of: (answered) => orDash(field(answered, 'referer')) },
  a: { means: 'User-Agent', of: (answered) => orDash(field(answered, 'user-agent')) },
  T: { means: 'how long it took, in whole seconds', of: (one) => String(Math.floor(tookMs(one) / 1_000)), needsTime: true },
  D: { means: 'in microseconds', of: (one) => String(Math.round(tookMs(one) * 1_000)), needsTime: true },
  M: { means: 'in milliseconds', of: (one) => String(Math.floor(tookMs(one))), needsTime: true },
  L: { means: 'in seconds, with six digits behind the point', of: (one) => (tookMs(one) / 1_000).toFixed(6), needsTime: true },
  p: { means: 'the process id, in angle brackets', of: () => `<${process.pid}>` },
  id: { means: 'the id of the request; ours', of: ({ requestId }) => requestId },
  scheme: { means: 'http or https; ours', of: ({ connection }) => connection.scheme },
  thread: { means: 'the worker that has answered; ours', of: (_answered, thread) => thread },
} as const satisfies Readonly<Record<string, Atom>>;

const KNOWN: Readonly<Record<string, Atom>> = ATOMS;

type Piece = string | ((answered: Answered) => string);

const ATOM = /%(?:\((?:(\w+)|\{([^{}]+)\}([ioe]))\)[0-9.-]*[a-zA-Z]|%|)/g;

export interface Compiled {
  readonly line: MakeLine;
  readonly wantsTime: boolean;
}

/** Faults: LOG_FORMAT_INVALID. */
export function compileAtoms(format: string, thread: string): Compiled {
  const pieces: Piece[] = [];
  let wantsTime = false;
  let at = 0;
  for (const found of format.matchAll(ATOM)) {
    const [whole, name, inner, kind] = found;
    pieces.push(format.slice(at, found.index));
    at = found.index + whole.length;
    if (whole === '%%') pieces.push('%');
    else if (name !== undefined) {
      const atom = Object.hasOwn(KNOWN, name) ? KNOWN[name]! : refuse(format, `there is no atom ${name}`);
      wantsTime = wantsTime || atom.needsTime === true;
      pieces.push((answered) => atom.of(answered, thread));
    } else if (inner !== undefined) pieces.push(outer(inner, kind as 'i' | 'o' | 'e'));
    else refuse(format, 'a % is neither %% nor an atom such as %(h)s');
  }
  pieces.push(format.slice(at));
  if (!pieces.some((piece) => typeof piece === 'function')) refuse(format, 'it has no atom such as %(h)s');
  if (/[^\x20-\x7e\t]/.test(format)) refuse(format, 'only ASCII can stand in it, without line ends');
  const used = pieces.filter((piece) => piece !== '');
  return { line: (answered) => joined(used, answered), wantsTime };
}

function refuse(format: string, why: string): never {
  throw new Fault('LOG_FORMAT_INVALID', { format, why });
}

function joined(pieces: readonly Piece[], answered: Answered): string {
  let line = '';
  for (const piece of pieces) line += typeof piece === 'string' ? piece : piece(answered);
  return line;
}

/** `{User-Agent}i`, `{Content-Type}o`, `{PATH_INFO}e`. */
function outer(name: string, kind: 'i' | 'o' | 'e'): (answered: Answered) => string {
  switch (kind) {
    case 'i':
      return (answered) => orDash(field(answered, name));
    case 'o':
      return ({ answer }) => orDash(answer?.fields.get(name));
    case 'e':
      return (answered) => orDash(variable(answered, name));
  }
}

/** Of the environ that an app would be given, as far as the request tells. */
function variable(answered: Answered, name: string): string | undefined {
  const { head, connection, cgi } = answered;
  const sent = cgi?.variables.findLast((one) => one.name === name)?.value;
  if (sent !== undefined || head === undefined) return sent;
  if (name.startsWith('HTTP_')) return field(answered, name.slice('HTTP_'.length).replaceAll('_', '-'));
  switch (name) {
    case 'REQUEST_METHOD':
      return head.method;
    case 'PATH_INFO':
      return percentDecoded(head.path);
    case 'QUERY_STRING':
      return head.query;
    case 'RAW_URI':
      return head.target;
    case 'SERVER_PROTOCOL':
      return head.version;
    case 'REMOTE_ADDR':
      return connection.remoteAddress;
    case 'REMOTE_PORT':
      return connection.remotePort;
    case 'SERVER_NAME':
      return connection.localAddress;
    case 'SERVER_PORT':
      return connection.localPort;
    case 'CONTENT_TYPE':
      return field(answered, 'content-type');
    case 'CONTENT_LENGTH':
      return field(answered, 'content-length');
    case 'wsgi.url_scheme':
      return connection.scheme;
    default:
      return undefined;
  }
}
