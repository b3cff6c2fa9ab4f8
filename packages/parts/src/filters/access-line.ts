// filters/access-line.ts: a request and the head of its answer as a line: paste.translogger's format, and what may stand in it. A machine.
//
// Law: what a client has sent is escaped, so that it forges no line and no field of one.

import { sentPath, type Environ } from '@appserve/core/app';
import { commonTime, compileTemplate, quotable } from '@appserve/core/log';

/** What is known before the app is asked: behind it filters and composites change the environ. */
export interface Asked {
  readonly method: string;
  /** As it was sent, with its query. */
  readonly uri: string;
  readonly epochMs: number;
}

export interface Answered {
  readonly asked: Asked;
  /** When the answer began: REMOTE_USER is whom the app has found. */
  readonly environ: Environ;
  /** `200 OK`. */
  readonly status: string;
  /** Content-Length. */
  readonly length: string | undefined;
}

export function askedBy(environ: Environ, epochMs: number): Asked {
  const [mount, path] = sentPath(environ);
  const query = environ.QUERY_STRING === '' ? '' : `?${environ.QUERY_STRING}`;
  return { method: environ.REQUEST_METHOD, uri: mount + path + query, epochMs };
}

/** Paste's, which is Apache's combined with nothing for the second field. */
export const PASTE_FORMAT =
  '%(REMOTE_ADDR)s - %(REMOTE_USER)s [%(time)s] "%(REQUEST_METHOD)s %(REQUEST_URI)s %(HTTP_VERSION)s" ' +
  '%(status)s %(bytes)s "%(HTTP_REFERER)s" "%(HTTP_USER_AGENT)s"';

/** Paste's names; beside them there are HTTP_*, the fields of the request. */
const FIELDS: Readonly<Record<string, (answered: Answered) => string>> = {
  REMOTE_ADDR: ({ environ }) => orDash(environ.REMOTE_ADDR),
  // A blank would end the field.
  REMOTE_USER: ({ environ }) => orDash(environ['REMOTE_USER']).replaceAll(' ', '\\x20'),
  REQUEST_METHOD: ({ asked }) => orDash(asked.method),
  REQUEST_URI: ({ asked }) => orDash(asked.uri),
  HTTP_VERSION: ({ environ }) => orDash(environ.SERVER_PROTOCOL),
  time: ({ asked }) => commonTime(asked.epochMs),
  status: ({ status }) => status.slice(0, 3),
  bytes: ({ length }) => orDash(length),
};

function orDash(value: unknown): string {
  return typeof value === 'string' && value !== '' ? quotable(value) : '-';
}

function isField(name: string): boolean {
  return Object.hasOwn(FIELDS, name) || /^HTTP_[A-Z0-9_]+$/.test(name);
}

function valueOf(answered: Answered, name: string): string {
  return Object.hasOwn(FIELDS, name) ? FIELDS[name]!(answered) : orDash(answered.environ[name]);
}

export function isFormat(format: string): boolean {
  try {
    const { names } = compileTemplate(format, '%', valueOf);
    return names.length > 0 && names.every(isField) && !/[\x00-\x1f\x7f]/.test(format);
  } catch {
    return false;
  }
}

/** Throws for what is no format. */
export function lineMaker(format: string): (answered: Answered) => string {
  return compileTemplate(format, '%', valueOf).render;
}
