// app.ts: the app behind the web servers: what a request can ask of it is a row of PATHS. It says on stderr what no answer can say.

import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Environ, GatewayApp, GatewayResult, StartResponse } from '@appserve/core/app';
import { Deferred } from '../support/deferred.ts';

type Answer = GatewayResult | Promise<GatewayResult>;

interface Question {
  readonly environ: Environ;
  /** What stands behind the name of the row in the path. */
  readonly argument: string;
  readonly start: StartResponse;
}

/** Each piece that a big answer is made of. */
export const PIECE = Buffer.alloc(65_536, 'x');
/** As long as that without progress: the client is what an answer waits for. */
const STALLED_MS = 300;

function say(line: string): void {
  writeSync(2, `${line}\n`);
}

function json(start: StartResponse, value: unknown): Uint8Array[] {
  start('200 OK', [['Content-Type', 'application/json']]);
  return [Buffer.from(JSON.stringify(value))];
}

function text(start: StartResponse, value: string): Uint8Array[] {
  start('200 OK', [['Content-Type', 'text/plain']]);
  return [Buffer.from(value, 'latin1')];
}

/** Values that JSON has. */
function variables(environ: Environ): Record<string, unknown> {
  return Object.fromEntries(Object.entries(environ).filter(([, value]) => ['string', 'boolean'].includes(typeof value)));
}

const meetings = new Map<string, Deferred>();

function meeting(name: string): Deferred {
  const found = meetings.get(name) ?? new Deferred();
  meetings.set(name, found);
  return found;
}

const waiting = new Map<string, number>();

async function* streamed(name: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from('one, ');
  await meeting(name).promise;
  yield Buffer.from('two');
}

/** Says where it is when the next piece is not taken for a while. */
async function* produced(name: string, pieces: number): AsyncGenerator<Uint8Array> {
  let made = 0;
  const watch = setTimeout(() => say(`${name} is stalled at ${made}`), STALLED_MS);
  try {
    for (; made < pieces; made += 1) {
      yield PIECE;
      watch.refresh();
    }
  } finally {
    clearTimeout(watch);
    say(`${name} has made ${made} of ${pieces}`);
  }
}

/** Speaks once, and again when somebody asks for more. */
function endless(name: string): GatewayResult {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('begun');
    await meeting(name).promise;
    for (;;) {
      yield PIECE;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  // Not a `finally` of the generator: one that waits is not left before it goes on.
  return Object.assign(pieces(), { close: () => say(`${name} is left`) });
}

/** Breaks off at once, or, where it has a name, when somebody says so. */
async function* failing(name: string): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(100_000, 'x');
  if (name !== '') await meeting(name).promise;
  throw new Error('a secret of the app');
}

/** Reads as it comes, and says when the first of it is here, and how it ended. */
async function upload(name: string, { environ, start }: Question): Promise<GatewayResult> {
  let bytes = 0;
  try {
    for await (const piece of environ['wsgi.input']) {
      if (bytes === 0) say(`${name} has begun`);
      bytes += piece.length;
    }
  } catch (error) {
    say(`${name} is broken off: ${(error as { code?: string }).code}`);
    throw error;
  }
  return json(start, bytes);
}

/** Nobody is answered before all are here. */
async function barrier(argument: string, start: StartResponse): Promise<GatewayResult> {
  const count = (waiting.get(argument) ?? 0) + 1;
  waiting.set(argument, count);
  if (count === Number(argument)) meeting(argument).resolve();
  await meeting(argument).promise;
  return json(start, count);
}

const PATHS: Readonly<Record<string, (question: Question) => Answer>> = {
  environ: ({ environ, start }) => json(start, variables(environ)),
  echo: async ({ environ, start }) => {
    const body = await environ['wsgi.input'].read();
    start('200 OK', [['Content-Type', environ.CONTENT_TYPE ?? 'application/octet-stream']]);
    return [body];
  },
  hash: async ({ environ, start }) => {
    const body = await environ['wsgi.input'].read();
    return json(start, { length: body.length, sha256: createHash('sha256').update(body).digest('hex'), ...variables(environ) });
  },
  pid: ({ start }) => json(start, process.pid),
  ignore: ({ start }) => text(start, 'ignored'),
  status: ({ argument, start }) => {
    start(`${argument} Reason of ${argument}`, [
      ['Content-Type', 'text/plain'],
      ['ETag', '"tag"'],
    ]);
    return argument === '204' || argument === '304' ? [] : [Buffer.from(`status ${argument}`)];
  },
  redirect: ({ argument, environ, start }) => {
    start(`${argument} Elsewhere`, [['Location', environ.QUERY_STRING]]);
    return [];
  },
  cookies: ({ start }) => {
    start('200 OK', [
      ['Set-Cookie', 'a=1; Path=/'],
      ['Set-Cookie', 'b=2; Path=/'],
      ['Content-Type', 'text/plain'],
    ]);
    return [Buffer.from('two cookies')];
  },
  head: ({ argument, start }) => {
    start('200 OK', [
      ['Content-Type', 'text/plain'],
      ...Array.from({ length: 4 }, (_, index) => [`X-Long-${index}`, 'v'.repeat(Number(argument))] as const),
    ]);
    return [Buffer.from('a long head')];
  },
  length: ({ argument, start }) => {
    start('200 OK', [
      ['Content-Length', argument],
      ['Content-Type', 'text/plain'],
    ]);
    return (function* () {
      for (let sent = 0; sent < Number(argument); sent += 10) yield Buffer.alloc(10, 'x');
    })();
  },
  ranges: ({ environ, start }) => {
    start('206 Partial Content', [
      ['Content-Range', 'bytes 0-3/10'],
      ['X-Asked', String(environ['HTTP_RANGE'])],
    ]);
    return [Buffer.from('0123')];
  },
  streamed: ({ argument, start }) => {
    start('200 OK', [['Content-Type', 'text/plain']]);
    return streamed(argument);
  },
  meet: ({ argument, start }) => {
    meeting(argument).resolve();
    return text(start, 'met');
  },
  produced: ({ argument, environ, start }) => {
    start('200 OK', [['Content-Type', 'application/octet-stream']]);
    return produced(environ.QUERY_STRING, Number(argument));
  },
  endless: ({ argument, start }) => {
    start('200 OK', [['Content-Type', 'text/plain']]);
    return endless(argument);
  },
  upload: (question) => upload(question.argument, question),
  barrier: ({ argument, start }) => barrier(argument, start),
  complain: ({ environ, start }) => {
    environ['wsgi.errors'].write(`complaint ${environ.QUERY_STRING}\n`);
    return text(start, 'complained');
  },
  throw: () => {
    throw new Error('a secret of the app');
  },
  break: ({ argument, start }) => {
    start('200 OK', [['Content-Type', 'text/plain']]);
    return failing(argument);
  },
  file: async ({ argument, environ, start }) => {
    const file = await open(`/${argument}`);
    start('200 OK', [
      ['Content-Type', 'application/octet-stream'],
      ['Content-Length', String((await file.stat()).size)],
    ]);
    return environ['wsgi.file_wrapper'](file);
  },
};

/** Lets in who has the key. */
export function makeAuthorizer(): GatewayApp {
  return (environ, start) => {
    if (environ['HTTP_X_KEY'] === 'open') {
      start('200 OK', [['Variable-AUTH_USER', 'mary']]);
      return [];
    }
    start('403 Forbidden', [['Content-Type', 'text/plain']]);
    return [Buffer.from(`no key to ${environ.RAW_URI}`)];
  };
}

/** The first name of the path is the row; those of `/live/` are the same, but the web server does not buffer them. */
export function makeApp(): GatewayApp {
  return (environ, start) => {
    const [, name = '', argument = ''] = /^(?:\/live)?\/([a-z]+)\/?([^]*)$/.exec(environ.PATH_INFO) ?? [];
    const path = PATHS[name];
    if (path !== undefined) return path({ environ, argument, start });
    start('404 Not Found', [['Content-Type', 'text/plain']]);
    return [Buffer.from('there is nothing')];
  };
}
