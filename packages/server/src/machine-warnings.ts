// machine-warnings.ts: options that this machine cannot do as they say, and that the start would refuse here: accounts and folders.
//
// Law: a warning, not a mistake: who checks a configuration may do so elsewhere than where it is served.

import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Fault, type Warning } from '@appserve/core';
import { groupOf, userOf } from './process/accounts.ts';
import type { ServiceSettings } from './settings.ts';

export function machineWarnings({ user, group, chdir, pidfile, log, errorLog, controlSocket }: ServiceSettings): Warning[] {
  const files = { pidfile, log, error_log: errorLog };
  // A relative one begins at the folder of the ini, which is there.
  const socket = controlSocket?.replace(/^unix:/, '');
  return [
    ...(user === undefined ? [] : unknownAccount('user', () => userOf('user', user))),
    ...(group === undefined ? [] : unknownAccount('group', () => groupOf('group', group))),
    ...(chdir === undefined ? [] : missingFolder('chdir', chdir, chdir)),
    ...Object.entries(files).flatMap(([key, file]) =>
      typeof file === 'string' ? missingFolder(key, file, dirname(resolve(file))) : [],
    ),
    ...(socket?.startsWith('/') === true ? missingFolder('control_socket', socket, dirname(socket)) : []),
  ];
}

function unknownAccount(key: string, look: () => unknown): Warning[] {
  try {
    look();
    return [];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [{ code: 'MACHINE_UNFIT', key, message: `${error.message} on this machine` }];
  }
}

function missingFolder(key: string, value: string, folder: string): Warning[] {
  return isThere(folder)
    ? []
    : [{ code: 'MACHINE_UNFIT', key, message: `${key} = ${value}: there is no folder ${folder} on this machine` }];
}

/** Also where only the user of the server may look. */
function isThere(folder: string): boolean {
  try {
    return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return true;
  }
}
