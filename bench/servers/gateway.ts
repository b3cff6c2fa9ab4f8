// Ours: a gateway app with the whole environ and two headers of its own; one worker. The first argument is max_reuse_count,
// the second an address for metrics, the third may be tls.

import { open } from 'node:fs/promises';
import type { GatewayApp } from '@appserve/core/app';
import { serve } from '@appserve/server';
import { BIG_FILE, BODY, heapUsed, MIB, openSockets } from './answers.ts';
import { CERTIFICATE_FILES } from './certificate.ts';

const TEXT = [
  ['Content-Type', 'text/plain'],
  ['X-App', 'bench'],
] as const;

export const application: GatewayApp = (environ, startResponse) => {
  switch (environ.PATH_INFO) {
    case '/':
      startResponse('200 OK', [
        ['Content-Type', 'text/plain'],
        ['X-App', 'bench'],
      ]);
      return [BODY];
    case '/post':
      return environ['wsgi.input'].read().then((body) => {
        startResponse('200 OK', TEXT);
        return [Buffer.from(String(body.length))];
      });
    case '/mib':
      startResponse('200 OK', TEXT);
      return [MIB];
    case '/file':
      return open(BIG_FILE).then(async (file) => {
        startResponse('200 OK', [...TEXT, ['Content-Length', String((await file.stat()).size)]]);
        return environ['wsgi.file_wrapper'](file);
      });
    case '/heap':
      startResponse('200 OK', TEXT);
      return [Buffer.from(heapUsed())];
    case '/sockets':
      startResponse('200 OK', TEXT);
      return [Buffer.from(openSockets())];
    default:
      startResponse('404 Not Found', TEXT);
      return [];
  }
};

const [reuse = 'unlimited', metrics = 'None', transport] = process.argv.slice(2);
const tls = transport === 'tls' ? CERTIFICATE_FILES : {};
const settings = { socket: '127.0.0.1:0', workers: 1, maxReuseCount: reuse, logLevel: 'warn', metrics, ...tls } as const;
const server = await serve(application, settings);
console.log(new URL(server.url).port);
