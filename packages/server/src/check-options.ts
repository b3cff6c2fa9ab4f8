// check-options.ts: what single options cannot say for themselves: which of them go together.

import { Fault, throwFaults, type FaultContext } from '@appserve/core';
import type { Origin, Settlement } from '@appserve/core/options';
import { parseAddress, repeatedAddress } from './listen/address.ts';
import type { fastcgiOptions } from './fastcgi-options.ts';
import type { serverOptions } from './options.ts';

/** Faults: OPTIONS_CONFLICT, OPTION_REQUIRED, and those of the addresses, each where the option stands. */
export function checkServerOptions(settlement: Settlement<typeof serverOptions>, section: FaultContext): void {
  const { socket, port } = settlement.values;
  const faults = faultsOfPlace(settlement, section);
  if (socket === undefined && port === undefined) {
    faults.push(
      new Fault('OPTION_REQUIRED', { key: 'socket', allowed: 'an address such as 127.0.0.1:8080 (or host and port)' }, section),
    );
  }
  throwFaults(faults);
}

/** The same for FastCGI, which knows where to listen when nothing is said. Faults: also OPTION_INVALID of script_name. */
export function checkFastcgiOptions({ values, origins }: Settlement<typeof fastcgiOptions>, section: FaultContext): void {
  const faults = faultsOfPlace({ values, origins }, section);
  if (values.workers !== undefined && values.numWorkers !== undefined) {
    const details = { keys: ['num_workers', 'workers'], why: 'two spellings of one thing; keep num_workers' };
    faults.push(new Fault('OPTIONS_CONFLICT', details, from(origins.workers, section)));
  }
  const { scriptName } = values;
  if (scriptName !== undefined && !scriptName.startsWith('/')) {
    const details = { key: 'script_name', value: scriptName, allowed: 'a path that begins with /' };
    faults.push(new Fault('OPTION_INVALID', details, from(origins.script_name, section)));
  }
  throwFaults(faults);
}

/** What both have. */
interface Place {
  readonly values: {
    readonly socket: readonly string[] | undefined;
    readonly host: string | undefined;
    readonly port: number | undefined;
  };
  readonly origins: Readonly<Record<(typeof OF_FILE)[number] | (typeof OF_QUEUE)[number] | 'socket' | 'host' | 'port', Origin>>;
}

function faultsOfPlace({ values, origins }: Place, section: FaultContext): Fault[] {
  const faults: Fault[] = [];
  const { socket, host, port } = values;
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
  if (socket?.length === 0)
    faults.push(new Fault('OPTION_REQUIRED', { key: 'socket', allowed: 'at least one address' }, from(origins.socket, section)));
  const wrong = (socket ?? []).flatMap(faultOfAddress);
  faults.push(...wrong.map(({ code, details }) => new Fault(code, details, from(origins.socket, section))));
  if (wrong.length === 0) faults.push(...faultsOfList(socket ?? [], origins, section));
  return faults;
}

function faultOfAddress(text: string): Fault[] {
  try {
    parseAddress(text);
    return [];
  } catch (error) {
    if (error instanceof Fault) return [error];
    throw error;
  }
}

type Origins = Place['origins'];

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
