// listen-here.mjs: imported ahead of a program (`node --import`), it lets this server answer where the program calls `listen()` on an
// http.Server: the program's own server hears of requests and upgrades, and believes that it listens.

import http from 'node:http';
import { createHttpServer } from '@appserve/server';

/** The arguments of net.Server.listen, in the forms that programs use. */
function wanted(args) {
  const callback = args.find((arg) => typeof arg === 'function');
  const [first, second] = args;
  const { port, host, path, signal } =
    typeof first === 'object' && first !== null
      ? first
      : typeof first === 'string' && !/^[0-9]+$/.test(first)
        ? { path: first }
        : { port: first, host: second };
  const name = typeof host === 'string' && host !== '' ? host : '127.0.0.1';
  const address = path === undefined ? `${name.includes(':') ? `[${name}]` : name}:${port ?? 0}` : `unix:${path}`;
  return { callback, signal, address };
}

async function open(server, address) {
  const settings = { chunkedTransfer: true, via: false, maxNumberHeaders: 2_000, gracefulTimeoutMs: 5_000, log: () => undefined };
  const ours = await createHttpServer(server, { ...settings, interface: 'node' });
  const bound = await ours.listen(address);
  return { ours, bound };
}

function addressOf({ type, host, port, path }) {
  return type === 'unix' ? path : { address: host, family: host.includes(':') ? 'IPv6' : 'IPv4', port };
}

/** What `opening` gives, or nothing where it could not listen: that has been told by 'error'. */
async function opened(opening) {
  try {
    return (await opening).ours;
  } catch {
    return undefined;
  }
}

async function idleClosed(opening) {
  (await opened(opening))?.closeIdleConnections();
}

async function allClosed(opening) {
  await (await opened(opening))?.close(0);
}

async function allDone(opening) {
  const ours = await opened(opening);
  ours?.closeIdleConnections();
  await ours?.close();
}

http.Server.prototype.listen = function listen(...args) {
  const { callback, signal, address } = wanted(args);
  if (callback !== undefined) this.once('listening', callback);
  const opening = open(this, address);
  let isListening = false;
  let isClosed = false;
  let bound;
  Object.defineProperty(this, 'listening', { configurable: true, get: () => isListening });
  this.address = () => (isListening ? addressOf(bound) : null);
  this.closeIdleConnections = () => void idleClosed(opening);
  this.closeAllConnections = () => void allClosed(opening);
  this.close = (done) => {
    if (isClosed) {
      if (done !== undefined)
        process.nextTick(done, Object.assign(new Error('Server is not running.'), { code: 'ERR_SERVER_NOT_RUNNING' }));
      return this;
    }
    isClosed = true;
    isListening = false;
    if (done !== undefined) this.once('close', () => done());
    void allDone(opening).finally(() => this.emit('close'));
    return this;
  };
  signal?.addEventListener('abort', () => this.close());
  const began = async () => {
    try {
      ({ bound } = await opening);
      isListening = !isClosed;
      if (isListening) this.emit('listening');
    } catch (error) {
      this.emit('error', Object.assign(error, { code: 'EADDRINUSE' }));
    }
  };
  void began();
  return this;
};
