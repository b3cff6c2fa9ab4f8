// request.ts: `appserve request CONFIG PATH`: one request to the app, without a server. The body of the answer goes to stdout.

import { readFileSync } from 'node:fs';
import { Fault, stackText } from '@appserve/core';
import { recognise, toFetch, toGateway, type GatewayServer, type LivingApp } from '@appserve/core/app';
import type { Given } from '../command.ts';
import type { REQUEST_FLAGS } from '../commands.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { subjectOf } from '../subject.ts';
import { whileLiving } from '../while-living.ts';

type Flags = Given<typeof REQUEST_FLAGS>['flags'];

export async function run(given: Given<typeof REQUEST_FLAGS>): Promise<number> {
  const [config, path = '/'] = given.operands;
  const request = requestOf(path, given.flags);
  const subject = await subjectOf({ ...given, operands: config === undefined ? [] : [config] });
  const living = await subject.livingApp();
  return whileLiving(living, async () => {
    try {
      return await answered(living, request, given.flags);
    } catch (error) {
      // What goes wrong before is told as where the app is served; this is the app's own.
      process.stderr.write(`appserve: the app failed: ${stackText(error)}\n`);
      return EXIT_CODES.start.code;
    }
  });
}

async function answered({ app }: LivingApp, request: Request, { include, fail }: Flags): Promise<number> {
  const work: PromiseLike<unknown>[] = [];
  const server: GatewayServer = {
    software: 'appserve',
    errors: STDERR,
    multiprocess: false,
    background: { add: (one) => void work.push(one) },
  };
  // By way of an environ: so a fetch app has its whole context, as a server would give it.
  const asked = recognise(app) === 'fetch' ? toGateway(app, server) : app;
  const response = await toFetch(asked, server).fetch(request, undefined as never);
  if (include) process.stdout.write(headOf(response));
  for await (const bytes of response.body ?? []) process.stdout.write(bytes);
  // What an app does behind its answer is waited for.
  await Promise.all(work);
  return fail && response.status >= FAILED ? EXIT_CODES.start.code : EXIT_CODES.asked.code;
}

const STDERR = {
  write: (text: string) => void process.stderr.write(text),
  writelines: (lines: Iterable<string>) => void process.stderr.write([...lines].join('')),
  flush: () => undefined,
};

const FAILED = 400;

function headOf({ status, statusText, headers }: Response): string {
  const lines = [...headers].map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${statusText}`.trimEnd(), ...lines, '', ''].join('\n');
}

/** A Request of fetch has none of these: https://fetch.spec.whatwg.org/#forbidden-method */
const FORBIDDEN: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

/** Faults: ARGUMENT_INVALID. */
function requestOf(path: string, { method, header, data }: Flags): Request {
  if (!path.startsWith('/')) refuse(path, 'a path begins with /');
  const verb = (method ?? (data === undefined ? 'GET' : 'POST')).toUpperCase();
  if (FORBIDDEN.has(verb)) refuse(`--method ${method!}`, 'is no request for an app: servers and proxies answer it');
  if (data !== undefined && (verb === 'GET' || verb === 'HEAD'))
    refuse('--data', `${verb} has no body: leave --method out, or name another one`);
  const headers = new Headers();
  for (const written of header) addHeader(headers, written);
  const body = data === undefined ? undefined : bodyOf(data);
  if (body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/x-www-form-urlencoded');
  if (body !== undefined) headers.set('content-length', String(body.length));
  const host = headers.get('host') ?? 'localhost';
  try {
    return new Request(new URL(`http://${host}${path}`), {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers,
      ...(body && { body }),
    });
  } catch (error) {
    // A method or an address that there is not.
    return refuse(method ?? path, (error as Error).message);
  }
}

function addHeader(headers: Headers, written: string): void {
  const [, name = '', value = ''] = /^([^:]+):[ \t]*(.*)$/s.exec(written) ?? [];
  try {
    headers.append(name, value);
  } catch {
    refuse(`--header ${written}`, "it is 'NAME: VALUE'");
  }
}

const WHY_NOT_READ: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
};

/** `@file`, `@-` for standard input, or the text itself. */
function bodyOf(data: string): Uint8Array<ArrayBuffer> {
  if (!data.startsWith('@')) return new TextEncoder().encode(data);
  const path = data.slice(1);
  try {
    return new Uint8Array(readFileSync(path === '-' ? 0 : path));
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    return refuse(`--data ${data}`, WHY_NOT_READ[code] ?? message);
  }
}

function refuse(argument: string, why: string): never {
  throw new Fault('ARGUMENT_INVALID', { argument, why });
}
