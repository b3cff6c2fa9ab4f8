// check-options.ts: what single options cannot say for themselves: which of them go together.

import { Fault, throwFaults, type FaultContext } from '@appserve/core';
import type { Origin, Settlement } from '@appserve/core/options';
import { parseAddress } from './listen/address.ts';
import type { serverOptions } from './options.ts';

/** Faults: OPTIONS_CONFLICT, OPTION_REQUIRED, and those of the addresses, each where the option stands. */
export function checkServerOptions({ values, origins }: Settlement<typeof serverOptions>, section: FaultContext): void {
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
  if (socket === undefined && port === undefined) {
    faults.push(
      new Fault('OPTION_REQUIRED', { key: 'socket', allowed: 'an address such as 127.0.0.1:8080 (or host and port)' }, section),
    );
  }
  if (socket?.length === 0)
    faults.push(new Fault('OPTION_REQUIRED', { key: 'socket', allowed: 'at least one address' }, from(origins.socket, section)));
  for (const address of socket ?? []) {
    try {
      parseAddress(address);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push(new Fault(error.code, error.details, from(origins.socket, section)));
    }
  }
  throwFaults(faults);
}

/** Where the option stands, when it stands somewhere. */
function from({ at }: Origin, { askedBy = [] }: FaultContext): FaultContext {
  return { at, askedBy };
}
