// apps/debug.ts: what an app is asked with.
//
// Law: it is text, whatever a client has sent, and nothing of what authenticates somebody.

import { inspect } from 'node:util';
import { MASK } from '@appserve/core';
import type { Environ, GatewayApp, GlobalConf } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { isAmong } from '../filters/trusted.ts';
import { plainAnswer } from '../plain-answer.ts';
import type { debugPart } from './debug-part.ts';

const SECRET = [
  'auth',
  'cookie',
  'credential',
  'csrf',
  'dsn',
  'key',
  'pass',
  'pwd',
  'secret',
  'session',
  'sid',
  'signature',
  'token',
  'xsrf',
];
/** In a URL, also of a database, wherever one stands. A password may have an at sign of its own. */
const USERINFO = /(:\/\/)[^\s/?#"'<>]*@/g;
/** Of a query, or of a connection string: `host=db password=secret`. A name is looked for where one can begin, however long a text is. */
const PAIR = /(?<![^\s?&=#;])([^\s?&=#;]+)=([^\s&#;]*)/g;

/** An `app_factory`. */
export function debug(globalConf: GlobalConf, { allow, mask }: Settled<typeof debugPart.options>): GatewayApp {
  const isAllowed = isAmong(allow);
  const words = [...SECRET, ...mask.map((word) => word.toLowerCase())];
  const isSecret = (name: string): boolean => words.some((word) => name.toLowerCase().includes(word));
  const settings = linesOf(globalConf, isSecret);
  return (environ, startResponse) => {
    if (!isAllowed(environ.REMOTE_ADDR)) return plainAnswer(startResponse, 403);
    startResponse('200 OK', [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Cache-Control', 'no-store'],
      ['X-Content-Type-Options', 'nosniff'],
    ]);
    const body = ['environ', ...linesOf(environ, isSecret), '', '[DEFAULT]', ...settings, ''];
    return [Buffer.from(body.join('\n'))];
  };
}

function linesOf(values: Environ | GlobalConf, isSecret: (name: string) => boolean): string[] {
  const names = Object.keys(values).toSorted((one, other) => (one < other ? -1 : 1));
  return names.map((name) => `  ${name} = ${shown(name, values[name], isSecret)}`);
}

function shown(name: string, value: unknown, isSecret: (name: string) => boolean): string {
  if (isSecret(name)) return MASK;
  if (typeof value === 'string') return JSON.stringify(withoutSecrets(value, isSecret));
  return typeof value === 'function' ? '(a function)' : inspect(value, { depth: 0, breakLength: Infinity, customInspect: false });
}

/** `token=abc&page=2` -> `token=********&page=2`, `http://me:pass@a/` -> `http://********@a/`. Names may be percent-encoded. */
function withoutSecrets(text: string, isSecret: (name: string) => boolean): string {
  return text
    .replaceAll(USERINFO, `$1${MASK}@`)
    .replaceAll(PAIR, (pair, name: string) => (isSecret(decoded(name)) ? `${name}=${MASK}` : pair));
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
