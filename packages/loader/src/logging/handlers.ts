// logging/handlers.ts: the handlers that an ini may name, with what Python calls their parameters, and what they are here.
//
// Law: nothing is imported and nothing is called. A class that is not in this table is a mistake that says which there are.

import { resolve } from 'node:path';
import type { Destination, FileDestination } from '@appserve/core/log';
import type { Literal } from './literal.ts';

/** What is wrong with arguments, in words. */
export class ArgumentMistake extends Error {}

/** What a handler was given, by the name of the parameter. */
export type Arguments = ReadonlyMap<string, Literal>;

interface HandlerRow {
  /** For the guide. */
  readonly means: string;
  /** In the order of Python. Those that say nothing here are taken all the same. */
  readonly parameters: readonly string[];
  readonly required: readonly string[];
  /** `folder`: relative paths begin there. */
  readonly make: (given: Arguments, folder: string) => Destination;
}

export const HANDLERS: Readonly<Record<string, HandlerRow>> = {
  NullHandler: { means: 'nothing', parameters: ['level'], required: [], make: () => ({ type: 'null' }) },
  StreamHandler: {
    means: 'to standard error, or to standard output',
    parameters: ['stream'],
    required: [],
    make: (given) => ({ type: 'stream', stream: streamOf(given.get('stream')) }),
  },
  FileHandler: {
    means: 'to a file; mode `w` empties it at the start',
    parameters: ['filename', 'mode', 'encoding', 'delay', 'errors'],
    required: ['filename'],
    make: (given, folder) => ({ type: 'file', ...fileOf(given, folder) }),
  },
  'handlers.WatchedFileHandler': {
    means: 'the same; when the file was moved away, a new one is made',
    parameters: ['filename', 'mode', 'encoding', 'delay', 'errors'],
    required: ['filename'],
    make: (given, folder) => ({ type: 'watched', ...fileOf(given, folder) }),
  },
  'handlers.RotatingFileHandler': {
    means: 'the same; before it is longer than maxBytes it becomes FILE.1, FILE.1 becomes FILE.2, up to backupCount',
    parameters: ['filename', 'mode', 'maxBytes', 'backupCount', 'encoding', 'delay', 'errors'],
    required: ['filename'],
    make: (given, folder) => {
      const maxBytes = count(given, 'maxBytes', 0);
      const file = fileOf(given, folder);
      // As Python has it: a file that rotates is appended to.
      return {
        type: 'rotating',
        ...file,
        isTruncated: file.isTruncated && maxBytes === 0,
        maxBytes,
        backupCount: count(given, 'backupCount', 0),
      };
    },
  },
  'handlers.TimedRotatingFileHandler': {
    means: 'the same; each interval of `when` (S, M, H, D, midnight, W0 to W6) it becomes FILE.DATE',
    parameters: ['filename', 'when', 'interval', 'backupCount', 'encoding', 'delay', 'utc', 'atTime', 'errors'],
    required: ['filename'],
    make: (given, folder) => {
      if ((given.get('atTime') ?? null) !== null) throw new ArgumentMistake('atTime is not supported: leave it out');
      const interval = count(given, 'interval', 1);
      if (interval < 1) throw new ArgumentMistake('interval must be at least 1');
      return {
        type: 'timed',
        ...fileOf(given, folder),
        isTruncated: false,
        when: whenOf(given),
        interval,
        backupCount: count(given, 'backupCount', 0),
        isUtc: truth(given, 'utc'),
      };
    },
  },
  'handlers.SysLogHandler': {
    means: 'a datagram for each record, by UDP or to a unix socket such as /dev/log',
    parameters: ['address', 'facility', 'socktype'],
    required: [],
    make: (given, folder) => {
      const { name: socktype } = (given.get('socktype') ?? {}) as { readonly name?: string };
      if (socktype === 'socket.SOCK_STREAM')
        throw new ArgumentMistake('only datagrams are sent: leave socktype out, or write socket.SOCK_DGRAM');
      return { type: 'syslog', address: addressOf(given.get('address'), folder), facility: facilityOf(given.get('facility')) };
    },
  },
};

/** By any spelling: `RotatingFileHandler` is found only as Python finds it, behind `handlers.`; `logging.` may stand in front. */
export function handlerRow(written: string): HandlerRow | undefined {
  const name = written.replace(/^logging\./, '');
  return Object.hasOwn(HANDLERS, name) ? HANDLERS[name] : undefined;
}

function streamOf(stream: Literal | undefined): 'stderr' | 'stdout' {
  if (stream === undefined || stream === null) return 'stderr';
  const name = typeof stream === 'object' && stream.type === 'name' ? stream.name : stream;
  if (name === 'sys.stderr' || name === 'ext://sys.stderr') return 'stderr';
  if (name === 'sys.stdout' || name === 'ext://sys.stdout') return 'stdout';
  throw new ArgumentMistake('a stream is sys.stderr or sys.stdout');
}

function fileOf(given: Arguments, folder: string): FileDestination {
  const filename = given.get('filename');
  const mode = given.get('mode') ?? 'a';
  const encoding = given.get('encoding') ?? 'utf-8';
  if (typeof filename !== 'string' || filename === '' || filename.includes('\0'))
    throw new ArgumentMistake('the filename must be text');
  if (mode !== 'a' && mode !== 'w') throw new ArgumentMistake(`the mode must be 'a' or 'w'`);
  if (typeof encoding !== 'string' || !/^utf-?8$/i.test(encoding))
    throw new ArgumentMistake('files are written in UTF-8: leave encoding out');
  return { path: resolve(folder, filename), isTruncated: mode === 'w', isDelayed: truth(given, 'delay') };
}

function count(given: Arguments, name: string, fallback: number): number {
  const value = given.get(name) ?? fallback;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new ArgumentMistake(`${name} must be a whole number`);
}

function truth(given: Arguments, name: string): boolean {
  const value = given.get(name) ?? false;
  if (typeof value === 'boolean' || value === 0 || value === 1) return Boolean(value);
  throw new ArgumentMistake(`${name} must be True or False`);
}

function whenOf(given: Arguments): string {
  const when = given.get('when') ?? 'h';
  const upper = typeof when === 'string' ? when.toUpperCase() : '';
  if (/^(?:S|M|H|D|MIDNIGHT|W[0-6])$/.test(upper)) return upper;
  throw new ArgumentMistake("when must be 'S', 'M', 'H', 'D', 'midnight' or 'W0' to 'W6'");
}

const SYSLOG_PORT = 514;

function addressOf(address: Literal | undefined, folder: string): (Destination & { readonly type: 'syslog' })['address'] {
  if (address === undefined || address === null) return { host: 'localhost', port: SYSLOG_PORT };
  if (typeof address === 'string' && address !== '') return { path: resolve(folder, address) };
  if (typeof address === 'object' && (address.type === 'tuple' || address.type === 'list') && address.items.length === 2) {
    const [host, port] = address.items;
    if (
      typeof host === 'string' &&
      host !== '' &&
      typeof port === 'number' &&
      Number.isInteger(port) &&
      port > 0 &&
      port < 65_536
    )
      return { host, port };
  }
  throw new ArgumentMistake("an address is '/dev/log', or ('localhost', 514)");
}

/** syslog(3). */
const FACILITIES: Readonly<Record<string, number>> = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
};

/** A number, `'user'`, `handlers.SysLogHandler.LOG_USER`. */
function facilityOf(facility: Literal | undefined): number {
  const value = facility ?? 1;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 23) return value;
  const name =
    typeof value === 'object' && value.type === 'name' ? /(?:^|\.)SysLogHandler\.LOG_([A-Z0-7]+)$/.exec(value.name)?.[1] : value;
  const known = typeof name === 'string' ? name.toLowerCase() : '';
  if (Object.hasOwn(FACILITIES, known)) return FACILITIES[known]!;
  throw new ArgumentMistake(`a facility is one of ${Object.keys(FACILITIES).join(', ')}`);
}
