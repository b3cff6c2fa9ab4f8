// legacy.ts: names in inis that were written for Python, and what takes their place. Where a package of the name is installed,
// that one is meant.

import type { Role } from './kinds.ts';

interface Name {
  readonly package: string;
  readonly name: string;
}

const SERVER: Name = { package: '@appserve/server', name: 'main' };
const FASTCGI: Name = { package: '@appserve/server', name: 'fastcgi' };

/** The servers whose options are ours too. Others have options of other names: their sections must be looked at by people. */
const LEGACY: Readonly<Record<Role, Readonly<Record<string, Name>>>> = {
  server: {
    'pyruvate#main': SERVER,
    'gevent_fastcgi#fastcgi': FASTCGI,
    'gevent_fastcgi#wsgi': FASTCGI,
    'gevent_fastcgi#wsgiref': FASTCGI,
    'gevent-fastcgi#fastcgi': FASTCGI,
    'gevent-fastcgi#wsgi': FASTCGI,
    'gevent-fastcgi#wsgiref': FASTCGI,
  },
  app: {},
  filter: {},
};

export function legacyName(target: Name, role: Role, isInstalled: (name: string) => boolean): Name {
  const key = `${target.package}#${target.name}`;
  const ours = Object.hasOwn(LEGACY[role], key) ? LEGACY[role][key] : undefined;
  return ours === undefined || isInstalled(target.package) ? target : ours;
}
