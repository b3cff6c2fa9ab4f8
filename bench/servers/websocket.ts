// Ours: sends every message back; one worker. What it says of itself is for the suite: its heap, and how many sockets are open.

import type { GatewayApp } from '@appserve/core/app';
import type { WebSocketHooks } from '@appserve/core/websocket';
import { serve } from '@appserve/server';
import { heapUsed, openSockets } from './answers.ts';

const TEXT = [['Content-Type', 'text/plain']] as const;
const HOOKS: WebSocketHooks = { message: (socket, message) => socket.send(message) };

export const application: GatewayApp = (environ, startResponse) => {
  const upgrade = environ['appserve.websocket'];
  if (upgrade !== undefined) return upgrade(startResponse, HOOKS);
  startResponse('200 OK', TEXT);
  return [Buffer.from(environ.PATH_INFO === '/heap' ? heapUsed() : openSockets())];
};

const server = await serve(application, { socket: '127.0.0.1:0', workers: 1, maxReuseCount: 'unlimited', logLevel: 'warn' });
console.log(new URL(server.url).port);
