// Two WebSocket endpoints and a page behind one composite: what each of them is need not be said anywhere.

import { toFetch } from '@appserve/core/app';

/** A WebSocket app: what a client says comes back. */
export function makeEcho(globalConf, { greeting }) {
  return {
    open(socket) {
      if (greeting !== undefined) socket.send(greeting);
    },
    message(socket, message) {
      socket.send(message);
    },
  };
}

/** A fetch app: a room that remembers its clients; who asks for it without a WebSocket is told how many there are. */
export function makeRoom() {
  const clients = new Set();
  return {
    fetch(request, context) {
      if (request.headers.get('Upgrade') !== 'websocket') return new Response(`clients here: ${clients.size}\n`);
      const name = new URL(request.url).searchParams.get('name') ?? 'somebody';
      return context.upgrade({
        open: (socket) => clients.add(socket),
        message: (_socket, message) => {
          for (const client of clients) client.send(`${name}: ${message}`);
        },
        close: (socket) => clients.delete(socket),
      });
    },
  };
}

/** A composite: each path is an app, of whatever kind. */
export async function makeSite(loader, globalConf, settings) {
  const apps = new Map();
  for (const [path, name] of Object.entries(settings)) apps.set(path, toFetch(await loader.getApp(name)));
  return {
    fetch(request, context) {
      const app = apps.get(new URL(request.url).pathname);
      return app === undefined ? new Response('There is nothing here.\n', { status: 404 }) : app.fetch(request, context, context);
    },
  };
}
