// notify/service-manager.ts: what systemd is told of the server: that it is ready, reloads, stops, and is alive.
//
// Law: NOTIFY_SOCKET and its like are read once and gone then, so that no worker and no program of the app speaks in our name. A
// process may have several servers: it is ready when all of them are, and stops with the last one.

import { mainPidMessage, readyMessage, reloadingMessage, statusMessage, STOPPING, WATCHDOG, watchdogMsOf } from './messages.ts';
import { NotifySocket } from './notify-socket.ts';

/** What a process has one of, however many servers it has. */
interface Channel {
  readonly send: (message: string) => void;
  readonly watchdogMs: number | undefined;
  readonly servers: Set<ServiceManager>;
  /** What a process that takes the place of this one needs to speak in its turn. */
  readonly environment: Readonly<Record<string, string>>;
}

const NOBODY: Channel = { send: () => undefined, watchdogMs: undefined, servers: new Set(), environment: {} };
const VARIABLES = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'] as const;

let ofProcess: Channel | undefined;

/** One server's word to the service manager; where there is none, words into the wind. Nothing here throws. */
export class ServiceManager {
  readonly #channel: Channel;
  #isReady = false;
  #watchdog: NodeJS.Timeout | undefined;

  /** For one more server of this process. `warn`: is told once when the service manager cannot be told. */
  constructor(warn: (message: string) => void) {
    this.#channel = ofProcess ??= openChannel(warn);
    this.#channel.servers.add(this);
  }

  /** It serves, or does so again after reloading(). From here on the watchdog is fed. `status`: a line for `systemctl status`. */
  ready(status: string): void {
    const { send, servers, watchdogMs } = this.#channel;
    this.#isReady = true;
    const isWhole = [...servers].every((server) => server.#isReady);
    send(readyMessage(status, isWhole));
    if (watchdogMs === undefined || this.#watchdog !== undefined) return;
    send(WATCHDOG);
    // By the main thread, which runs no app: it says that the server is there, not that every worker is well.
    this.#watchdog = setInterval(() => send(WATCHDOG), watchdogMs).unref();
  }

  /** ready() must follow. */
  reloading(): void {
    this.#channel.send(reloadingMessage(process.hrtime.bigint() / 1_000n));
  }

  /** Once; further calls do nothing. */
  stopping(): void {
    clearInterval(this.#watchdog);
    const { send, servers } = this.#channel;
    if (servers.delete(this) && servers.size === 0) send(STOPPING);
  }

  /** Of this process, for one that takes its place. */
  get environment(): Readonly<Record<string, string>> {
    return this.#channel.environment;
  }

  /** That process is the service from here on; this one says nothing more. */
  succeeded(pid: number): void {
    clearInterval(this.#watchdog);
    const { send, servers, watchdogMs } = this.#channel;
    if (servers.delete(this) && servers.size === 0) send(mainPidMessage(pid, watchdogMs !== undefined));
  }

  status(text: string): void {
    this.#channel.send(statusMessage(text));
  }
}

function openChannel(warn: (message: string) => void): Channel {
  const { NOTIFY_SOCKET: name = '', WATCHDOG_USEC } = process.env;
  const watchdogMs = watchdogMsOf(process.env, process.pid);
  for (const variable of VARIABLES) delete process.env[variable];
  if (name === '' || process.platform !== 'linux') return NOBODY;
  const socket = new NotifySocket(name, warn);
  // WATCHDOG_PID is this process, and nobody's who comes after it.
  const environment = { NOTIFY_SOCKET: name, ...(watchdogMs === undefined ? {} : { WATCHDOG_USEC: WATCHDOG_USEC! }) };
  return { send: (message) => socket.send(message), watchdogMs, servers: new Set(), environment };
}
