// start-server.ts: from settled options to a running server: the story on one page.

import { availableParallelism } from 'node:os';
import type { AppSource } from '@appserve/core/app';
import { banner } from './banner.ts';
import type { Address } from './listen/address.ts';
import { formatAddress, isEverywhere } from './listen/address.ts';
import { openSockets } from './listen/sockets.ts';
import { Logger, writeToStderr } from './log.ts';
import { ServiceManager } from './notify/service-manager.ts';
import { settleIn } from './process/settle-in.ts';
import type { ServerHandle } from './server-handle.ts';
import type { ServerSettings } from './settings.ts';
import { stopOnSignals } from './signals.ts';
import { VERSION } from './version.ts';
import { Supervisor } from './workers/supervisor.ts';

/** `title`: what is served, for the banner: the ini file, or the script. */
export async function startServer(source: AppSource, settings: ServerSettings, title: string): Promise<ServerHandle> {
  const sinceMs = performance.now();
  const size = settings.workers === 'auto' ? availableParallelism() : settings.workers;
  surviveClosedPipes();
  const log = new Logger('main', settings.logLevel, writeToStderr);
  const sockets = await openSockets(wantedAddresses(settings), settings);
  const leave = settleIn(settings, sockets, log);
  const manager = new ServiceManager((message) => log.warn(message));
  const ofSockets = { ...settings, backlogs: sockets.map(({ backlog }) => backlog) };
  const supervisor = new Supervisor({ source, sockets, settings: ofSockets, size, software: `appserve/${VERSION}` });
  const addresses: Address[] = sockets.map((socket) => socket.address);
  const urls = sockets.map((socket) => socket.url);
  const shown = sockets.map(({ address, url }) => (isEverywhere(address) ? `${url} (on every interface)` : url));

  const stop = (): void => {
    manager.stopping();
    supervisor.stop();
  };
  const finish = (): void => {
    forget();
    manager.stopping();
    leave();
  };

  supervisor.start();
  const forget = stopOnSignals(supervisor, stop);
  void supervisor.closed.finally(finish).catch(() => undefined);
  void announce().catch(() => undefined); // who awaits `ready` or `closed` is told

  async function announce(): Promise<void> {
    await supervisor.ready;
    // One that was stopped while it started is not ready.
    if (supervisor.isStopping) return;
    manager.ready(`${size} ${size === 1 ? 'worker' : 'workers'} on ${urls.join(', ')}`);
    if (settings.logLevel !== 'info' && settings.logLevel !== 'debug') return;
    process.stderr.write(banner({ title, urls: shown, size, settings, tookMs: performance.now() - sinceMs }));
  }

  const close = async (): Promise<void> => {
    stop();
    await supervisor.closed;
  };
  return { addresses, url: urls[0]!, ready: supervisor.ready, closed: supervisor.closed, close, [Symbol.asyncDispose]: close };
}

function wantedAddresses({ socket, host, port }: ServerSettings): readonly string[] {
  if (socket !== undefined) return socket;
  // One TCP address in its other spelling; options.ts has made sure that there is a port.
  return [formatAddress({ type: 'tcp', host: host ?? '127.0.0.1', port: port! })];
}

/** A reader of our logs that goes away, or a disk that is full, is no reason to stop serving. */
function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.listenerCount('error', ignore) === 0) stream.on('error', ignore);
  }
}

function ignore(): void {
  // Nobody is left whom it could be told.
}
