// app.ts: what is behind the proxies beside the app of test/web-servers/app.ts: a fetch app, WebSockets, and node's own fields.

import { writeSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { setTimeout as later } from 'node:timers/promises';
import type { FetchApp, GatewayApp } from '@appserve/core/app';
import { Deferred } from '../support/deferred.ts';

function say(line: string): void {
  writeSync(2, `${line}\n`);
}

const meetings = new Map<string, Deferred>();

function meeting(name: string): Deferred {
  const found = meetings.get(name) ?? new Deferred();
  meetings.set(name, found);
  return found;
}

/** One event, and another one when somebody says so. */
async function* events(name: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from('data: one\n\n');
  await meeting(name).promise;
  yield Buffer.from('data: two\n\n');
}

/** `/fetch/WHAT/NAME`. */
export function makeFetch(): FetchApp {
  return {
    fetch: async (request) => {
      const [, what = '', name = ''] = /^(?:\/fetch)?\/([a-z]+)\/?(.*)$/.exec(new URL(request.url).pathname) ?? [];
      switch (what) {
        case 'events': {
          // nginx buffers what is not marked so; the others never do.
          const headers = { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' };
          return new Response(ReadableStream.from(events(name)), { headers });
        }
        case 'meet':
          meeting(name).resolve();
          return new Response('met');
        case 'wait':
          say(`${name} waits`);
          await Promise.race([
            meeting(name).promise,
            new Promise((resolve) => request.signal.addEventListener('abort', resolve)),
          ]);
          say(`${name} is ${request.signal.aborted ? 'aborted' : 'met'}`);
          return new Response('for nobody');
        default:
          return new Response('there is nothing', { status: 404 });
      }
    },
  };
}

/** What is said comes back; `close CODE` closes. */
export function makeWebSocket(): GatewayApp {
  return (environ, startResponse) => {
    const upgrade = environ['appserve.websocket'];
    if (upgrade === undefined) {
      startResponse('200 OK', [['Content-Type', 'text/plain']]);
      return [Buffer.from('no WebSocket')];
    }
    return upgrade(startResponse, {
      message: (socket, message) => {
        const [, code] = /^close ([0-9]+)$/.exec(String(message)) ?? [];
        if (code === undefined) socket.send(message);
        else socket.close(Number(code), 'as you wish');
      },
      close: (_socket, code, reason) => say(`closed ${environ.QUERY_STRING} ${code} ${reason}`),
    });
  };
}

/** A node app: the only contract that has the trailers of an answer. */
export function makeTrailers(): Server {
  return createServer((request, response) => {
    request.resume().once('end', () => {
      response.setHeader('Trailer', 'X-Sum');
      response.write(JSON.stringify(request.trailers));
      response.addTrailers({ 'X-Sum': '42' });
      response.end();
    });
  });
}

/** Answers with the target that it was asked for, and keeps it until /seen is asked for. */
export function makeWitness(): GatewayApp {
  let seen: string[] = [];
  return async (environ, startResponse) => {
    const target = environ.RAW_URI;
    await environ['wsgi.input'].read();
    startResponse('200 OK', [
      ['Content-Type', 'text/plain'],
      // Where an answer has no body, too.
      ['X-Target', target],
    ]);
    if (target !== '/seen') {
      seen.push(target);
      return [Buffer.from(target, 'latin1')];
    }
    const all = seen;
    seen = [];
    return [Buffer.from(JSON.stringify(all), 'latin1')];
  };
}

/** Says who answers, after the milliseconds that its query has. The body of a POST is what it answers. */
export function makeCounter(_globalConf: unknown, { instance }: { readonly instance: string }): GatewayApp {
  return async (environ, startResponse) => {
    const body = await environ['wsgi.input'].read();
    const waitMs = Number(environ.QUERY_STRING);
    if (waitMs > 0) await later(waitMs);
    startResponse('200 OK', [
      ['Content-Type', 'text/plain'],
      ['X-Instance', instance],
    ]);
    return [environ.REQUEST_METHOD === 'POST' ? body : Buffer.from('got')];
  };
}
