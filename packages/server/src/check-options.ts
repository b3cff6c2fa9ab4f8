// check-options.ts: what single options cannot say for themselves: which of them go together.

import { Fault, throwFaults, type FaultContext } from '@appserve/core';
import type { Origin, Settled, Settlement } from '@appserve/core/options';
import { ALLOW_MISSING } from './connection/proxy-gate.ts';
import { sizeOf } from './crew-settings.ts';
import { doorAddress } from './metrics/door.ts';
import { parseAddress, repeatedAddress } from './listen/address.ts';
import { stackMaxBytes } from './listen/descriptor.ts';
import type { fastcgiOptions } from './fastcgi-options.ts';
import { arePassed } from './listen/passed-sockets.ts';
import { serverOptions } from './options.ts';
import { readTlsNow } from './tls/tls-now.ts';

/** Faults: OPTIONS_CONFLICT, OPTION_REQUIRED, and those of the addresses, each where the option stands. */
export function checkServerOptions({ values, origins }: Settlement<typeof serverOptions>, section: FaultContext): void {
  const { socket, port, workers, numWorkers, reload } = values;
  const faults = faultsOfPlace(values, origins, section);
  if (socket === undefined && port === undefined && !arePassed()) {
    faults.push(
      new Fault('OPTION_REQUIRED', { key: 'socket', allowed: 'an address such as 127.0.0.1:8080 (or host and port)' }, section),
    );
  }
  if (workers === undefined && numWorkers === undefined && !reload)
    faults.push(new Fault('OPTION_REQUIRED', { key: 'workers', allowed: serverOptions.workers.kind.allowed }, section));
  throwFaults([
    ...faults,
    ...faultsOfWorkers(values, origins, section),
    ...faultsOfDoors(values, origins, section),
    ...faultsOfTls(values, origins, section),
    ...faultsOfProxies(values, origins, section),
    ...faultsOfForwarded(values, origins, section),
  ]);
}

/** The same for FastCGI, which needs neither. Faults: also OPTION_INVALID of script_name. */
export function checkFastcgiOptions({ values, origins }: Settlement<typeof fastcgiOptions>, section: FaultContext): void {
  const faults = [
    ...faultsOfPlace(values, origins, section),
    ...faultsOfWorkers(values, origins, section),
    ...faultsOfDoors(values, origins, section),
    ...faultsOfShares(values, origins, section),
    ...faultsOfProxies(values, origins, section),
  ];
  const { scriptName } = values;
  if (scriptName !== undefined && !scriptName.startsWith('/')) {
    const details = { key: 'script_name', value: scriptName, allowed: 'a path that begins with /' };
    faults.push(new Fault('OPTION_INVALID', details, from(origins.script_name, section)));
  }
  throwFaults(faults);
}

type Values = Pick<
  Settled<typeof serverOptions>,
  | 'socket'
  | 'host'
  | 'port'
  | 'workers'
  | 'numWorkers'
  | 'workerClass'
  | 'dispatch'
  | 'stackLimitBytes'
  | 'maxRequests'
  | 'maxRequestsJitter'
  | 'metrics'
  | 'controlSocket'
  | 'proxyProtocol'
  | 'proxyAllow'
  | 'reload'
>;
type Origins = Readonly<
  Record<
    | (typeof OF_FILE)[number]
    | (typeof OF_QUEUE)[number]
    | (typeof NEEDS_OTHERS)[number]
    | 'socket'
    | 'host'
    | 'port'
    | 'workers'
    | 'num_workers'
    | 'worker_class'
    | 'dispatch'
    | 'metrics'
    | 'control_socket'
    | 'proxy_protocol'
    | 'proxy_allow'
    | 'reload',
    Origin
  >
>;

function faultsOfPlace({ socket, host, port }: Values, origins: Origins, section: FaultContext): Fault[] {
  const faults: Fault[] = [];
  if (socket !== undefined && (host !== undefined || port !== undefined)) {
    const other = host === undefined ? 'port' : 'host';
    faults.push(
      new Fault(
        'OPTIONS_CONFLICT',
        { keys: ['socket', other], why: 'two spellings of one thing; keep socket' },
        from(origins[other], section),
      ),
    );
  }
  if (socket?.length === 0 && faults.length === 0)
    faults.push(new Fault('OPTION_REQUIRED', { key: 'socket', allowed: 'at least one address' }, from(origins.socket, section)));
  const wrong = (socket ?? []).flatMap(faultOfAddress);
  faults.push(...wrong.map(({ code, details }) => new Fault(code, details, from(origins.socket, section))));
  if (wrong.length === 0) faults.push(...faultsOfList(socket ?? [], origins, section));
  return faults;
}

/** Each where the option stands that says it. The files are read: that they can be is best known before anything else is done. */
function faultsOfTls(
  values: Settled<typeof serverOptions>,
  origins: Settlement<typeof serverOptions>['origins'],
  section: FaultContext,
): Fault[] {
  const { socket, certfile } = values;
  const faults = readTlsNow(values).faults.map(
    ({ key, fault: { code, details, cause } }) => new Fault(code, details, { ...from(origins[key], section), cause }),
  );
  if (certfile === undefined || socket === undefined || socket.some((text) => !isUnix(text))) return faults;
  const why = 'TLS is for TCP: a unix socket is in clear, since its file says who may connect';
  return [...faults, new Fault('OPTIONS_CONFLICT', { keys: ['socket', 'certfile'], why }, from(origins.certfile, section))];
}

/** What is no address is told elsewhere. */
function isUnix(text: string): boolean {
  return faultOfAddress(text).length === 0 && parseAddress(text).type === 'unix';
}

/** Where operators look and command. */
function faultsOfDoors({ metrics, controlSocket }: Values, origins: Origins, section: FaultContext): Fault[] {
  const doors = { metrics, control_socket: controlSocket };
  return Object.entries(doors).flatMap(([key, written]) => {
    if (written === undefined) return [];
    const door = key as keyof typeof doors;
    const faults = faultOf(() => doorAddress(written, door));
    return faults.map(({ code, details }) => new Fault(code, details, from(origins[door], section)));
  });
}

/** Whose headers are believed has to be said, and said of something. */
function faultsOfProxies({ proxyProtocol, proxyAllow }: Values, origins: Origins, section: FaultContext): Fault[] {
  if ((proxyProtocol === 'off') === (proxyAllow === undefined)) return [];
  const keys = ['proxy_protocol', 'proxy_allow'] as const;
  const [key, why, hint] =
    proxyAllow === undefined
      ? ([keys[0], ALLOW_MISSING, ALLOW_HINT] as const)
      : ([keys[1], 'with proxy_protocol = off nobody says a header', 'proxy_protocol = any takes both versions'] as const);
  return [new Fault('OPTIONS_CONFLICT', { keys, why, hint }, from(origins[key], section))];
}

const ALLOW_HINT = 'write whom it comes from: proxy_allow = 10.0.0.1, or proxy_allow = unix for a unix socket';

function faultsOfForwarded(
  { forwardedAllow }: Settled<typeof serverOptions>,
  origins: Settlement<typeof serverOptions>['origins'],
  section: FaultContext,
): Fault[] {
  if (forwardedAllow !== undefined) return [];
  const why = 'without forwarded_allow nobody is believed';
  return (['forwarded_believe', 'forwarded_header'] as const)
    .filter((key) => origins[key].layer !== 'default')
    .map((key) => new Fault('OPTIONS_CONFLICT', { keys: ['forwarded_allow', key], why }, from(origins[key], section)));
}

/** Who serves: how many, what they are, and what only others can do for them. */
function faultsOfWorkers(values: Values, origins: Origins, section: FaultContext): Fault[] {
  const { workers, numWorkers, workerClass } = values;
  const conflict = (keys: readonly (keyof Origins)[], why: string): Fault =>
    new Fault('OPTIONS_CONFLICT', { keys, why }, from(origins[keys.at(-1)!], section));
  const faults: Fault[] = [];
  if (workers !== undefined && numWorkers !== undefined)
    faults.push(conflict(['workers', 'num_workers'], 'two spellings of one thing; keep workers'));
  if (numWorkers !== undefined && workerClass !== 'process' && origins.worker_class.layer !== 'default')
    faults.push(conflict(['num_workers', 'worker_class'], 'num_workers are processes; say workers'));
  if (numWorkers !== undefined || workerClass === 'process') {
    const why = whyNoSuchStack(values.stackLimitBytes);
    if (why !== undefined) faults.push(conflict([numWorkers === undefined ? 'worker_class' : 'num_workers', 'stack_limit'], why));
  }
  // Whoever says it alone believes that workers are replaced.
  if (values.maxRequestsJitter > 0 && values.maxRequests === 0)
    faults.push(conflict(['max_requests', 'max_requests_jitter'], 'without max_requests there is nothing to add to'));
  if (workerClass !== 'inline') return faults;
  if (workers !== 1 && workers !== undefined)
    faults.push(conflict(['workers', 'worker_class'], 'there is one main thread: inline needs workers = 1'));
  if (values.reload) faults.push(conflict(['worker_class', 'reload'], 'the main thread cannot be loaded again'));
  if (values.dispatch === 'balanced')
    faults.push(conflict(['dispatch', 'worker_class'], 'with one worker there is nobody to choose from'));
  const why = 'inline is the main thread: nobody watches it, and nobody can take its place';
  const idle = NEEDS_OTHERS.filter((key) => origins[key].layer !== 'default');
  return [...faults, ...idle.map((key) => conflict(['worker_class', key], why))];
}

/** What is of the process is shared out: each worker needs one at least. */
function faultsOfShares(
  values: Settled<typeof fastcgiOptions>,
  origins: Settlement<typeof fastcgiOptions>['origins'],
  section: FaultContext,
): Fault[] {
  const count = sizeOf(values);
  const spelling = values.workers === undefined ? 'num_workers' : 'workers';
  const limits = [
    ['max_conns', values.dispatch === 'shared' ? values.maxConns : count],
    ['max_reqs', values.maxReqs ?? count],
  ] as const;
  return limits.flatMap(([key, limit]) => {
    if (limit >= count) return [];
    const why = `${key} = ${limit} leaves some of ${count} workers nothing to do`;
    return [new Fault('OPTIONS_CONFLICT', { keys: [spelling, key], why }, from(origins[key], section))];
  });
}

/** Below what V8 counts there is the stack of Node itself, and of the system calls. */
const STACK_RESERVE = 2 ** 20;

/** V8 is told how much stack it may use, not given it: with more than there is, the process ends by SIGSEGV. */
function whyNoSuchStack(stackLimitBytes: number | undefined): string | undefined {
  const maxBytes = stackMaxBytes();
  if (stackLimitBytes === undefined || stackLimitBytes <= maxBytes - STACK_RESERVE) return undefined;
  return `a process has the stack of ulimit -s, which is ${kib(maxBytes)} here: ${kib(maxBytes - STACK_RESERVE)} at most`;
}

function kib(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 10).toLocaleString('en')} KiB`;
}

/** What the supervisor does to a worker that is not its own thread. */
const NEEDS_OTHERS = [
  'worker_timeout',
  'max_requests',
  'max_requests_jitter',
  'max_worker_memory',
  'max_worker_lifetime',
  'heap_limit',
  'stack_limit',
] as const;

function faultOfAddress(text: string): Fault[] {
  return faultOf(() => parseAddress(text));
}

function faultOf(read: () => unknown): Fault[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof Fault) return [error];
    throw error;
  }
}

/** What several addresses say together. */
function faultsOfList(socket: readonly string[], origins: Origins, section: FaultContext): Fault[] {
  const repeated = repeatedAddress(socket);
  const allowed = 'a list in which each address stands once';
  const faults =
    repeated === undefined
      ? []
      : [new Fault('OPTION_INVALID', { key: 'socket', value: repeated, allowed }, from(origins.socket, section))];
  const types = new Set(socket.map((text) => parseAddress(text).type));
  if (!types.has('fd') && !types.has('systemd')) return faults;
  const idle = types.has('unix') ? [] : [...OF_FILE, ...(types.has('tcp') ? [] : OF_QUEUE)];
  const why = 'an inherited socket stays as it was made (SocketMode=, SocketUser=, SocketGroup= and Backlog= of a socket unit)';
  const given = idle.filter((key) => origins[key].layer !== 'default');
  return [
    ...faults,
    ...given.map((key) => new Fault('OPTIONS_CONFLICT', { keys: ['socket', key], why }, from(origins[key], section))),
  ];
}

/** What says nothing of sockets that are inherited. */
const OF_FILE = ['socket_mode', 'socket_owner', 'socket_group'] as const;
const OF_QUEUE = ['backlog'] as const;

/** Where the option stands, when it stands somewhere. */
function from({ at }: Origin, { askedBy = [] }: FaultContext): FaultContext {
  return { at, askedBy };
}
