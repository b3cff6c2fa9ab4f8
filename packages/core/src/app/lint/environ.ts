// lint/environ.ts: what a server, or a filter in front of the validator, says of a request.

import type { Environ } from '../environ.ts';
import type { RuleNumber } from '../gateway-rules.ts';
import { nameOf } from '../../name-of.ts';
import { check } from './broken.ts';

/** What every object of JavaScript inherits, unless somebody has seen to it. */
const INHERITED = ['constructor', 'toString', 'hasOwnProperty', '__proto__'];
const NOT_EMPTY = ['REQUEST_METHOD', 'SERVER_NAME', 'SERVER_PORT', 'SERVER_PROTOCOL'];
const PRESENT = ['SCRIPT_NAME', 'PATH_INFO', 'QUERY_STRING'];
const FLAGS = ['wsgi.multithread', 'wsgi.multiprocess', 'wsgi.run_once'];

/** What a key that holds an object must be able to do. */
const ABLE: readonly (readonly [RuleNumber, key: string, methods: readonly PropertyKey[]])[] = [
  ['G17', 'wsgi.input', ['read']],
  ['G18', 'wsgi.input', ['readline', 'readlines', Symbol.asyncIterator]],
  ['G24', 'wsgi.errors', ['write', 'writelines', 'flush']],
];

/** Faults: GATEWAY_RULE_BROKEN. */
export function checkEnviron(environ: Environ): void {
  check(typeof environ === 'object' && environ !== null, 'G3', () => `gave ${nameOf(environ)} for an environ`);
  for (const name of INHERITED) check(!(name in environ), 'G3', () => `gave an environ that inherits ${name}`);
  checkVariables(environ);
  checkPaths(environ);
  checkLength(environ);
  checkOfServer(environ);
}

function checkVariables(environ: Environ): void {
  for (const [key, value] of Object.entries(environ).filter(([name]) => !name.includes('.'))) {
    check(typeof value === 'string', 'G5', () => `gave ${nameOf(value)} for ${key}`);
    check(/^[\0-\xff]*$/.test(value), 'G5', () => `gave ${JSON.stringify(value)} for ${key}, in which a char is no byte`);
  }
  for (const key of NOT_EMPTY) check((environ[key] ?? '') !== '', 'G4', () => `gave no ${key}`);
  for (const key of PRESENT) check(environ[key] !== undefined, 'G4', () => `gave no ${key}`);
}

function checkPaths({ SCRIPT_NAME: script, PATH_INFO: path, REQUEST_METHOD: method }: Environ): void {
  const isScript = script === '' || (script.startsWith('/') && script !== '/');
  check(isScript, 'G7', () => `gave ${JSON.stringify(script)} for SCRIPT_NAME`);
  const isPath = path === '' || path.startsWith('/') || (path === '*' && method === 'OPTIONS');
  check(isPath, 'G7', () => `gave ${JSON.stringify(path)} for PATH_INFO`);
  check(script !== '' || path !== '' || method === 'CONNECT', 'G7', () => 'gave neither SCRIPT_NAME nor PATH_INFO');
}

function checkLength(environ: Environ): void {
  for (const key of ['HTTP_CONTENT_TYPE', 'HTTP_CONTENT_LENGTH']) check(!(key in environ), 'G9', () => `gave ${key}`);
  const { CONTENT_LENGTH: length = '0' } = environ;
  check(/^[0-9]+$/.test(length), 'G9', () => `gave ${JSON.stringify(length)} for CONTENT_LENGTH`);
}

function checkOfServer(environ: Environ): void {
  const { 'wsgi.url_scheme': scheme, 'wsgi.version': version } = environ;
  check(['http', 'https'].includes(scheme), 'G13', () => `gave ${JSON.stringify(scheme)} for wsgi.url_scheme`);
  check(String(version) === '1,0', 'G14', () => `gave ${JSON.stringify(version)} for wsgi.version`);
  for (const key of FLAGS) check(typeof environ[key] === 'boolean', 'G15', () => `gave ${nameOf(environ[key])} for ${key}`);
  for (const [rule, key, methods] of ABLE) {
    for (const method of methods) {
      const found: unknown = Object(environ[key])[method];
      check(typeof found === 'function', rule, () => `gave a ${key} without ${String(method)}()`);
    }
  }
}
