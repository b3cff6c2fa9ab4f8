// legacy.ts: names in inis that were written for Python, and what takes their place. Where a package of the name is installed,
// that one is meant.

import type { Role } from './kinds.ts';

interface Name {
  readonly package: string;
  readonly name: string;
}

const SERVER: Name = { package: '@appserve/server', name: 'main' };
const FASTCGI: Name = { package: '@appserve/server', name: 'fastcgi' };

function part(name: string): Name {
  return { package: '@appserve/parts', name };
}

/**
 * By distribution and entry point. Those whose options are ours too; others have options of other names: their sections must be looked
 * at by people.
 */
const LEGACY: Readonly<Record<Role, Readonly<Record<string, Name>>>> = {
  server: {
    'pyruvate#main': SERVER,
    'gevent-fastcgi#fastcgi': FASTCGI,
    'gevent-fastcgi#wsgi': FASTCGI,
    'gevent-fastcgi#wsgiref': FASTCGI,
  },
  app: {
    'paste#cascade': part('cascade'),
    'paste#cgi': part('cgi'),
    'paste#proxy': part('proxy'),
    'paste#static': part('static'),
    'paste#test': part('test'),
    'paste#urlmap': part('urlmap'),
  },
  filter: {
    'paste#auth_basic': part('auth_basic'),
    'paste#cgitb': part('error_catcher'),
    'paste#config': part('config'),
    'paste#error_catcher': part('error_catcher'),
    'paste#errordocument': part('error_document'),
    'paste#evalerror': part('error_catcher'),
    'paste#gzip': part('gzip'),
    'paste#lint': part('lint'),
    'paste#profile': part('profile'),
    'paste#translogger': part('translogger'),
    'pastedeploy#config': part('config'),
    'pastedeploy#prefix': part('prefix'),
  },
};

export function legacyName(target: Name, role: Role, isInstalled: (name: string) => boolean): Name {
  const key = `${distribution(target.package)}#${target.name}`;
  const ours = Object.hasOwn(LEGACY[role], key) ? LEGACY[role][key] : undefined;
  return ours === undefined || isInstalled(target.package) ? target : ours;
}

/** The entry points of a package of Python's that have something here, for who has named another one. */
export function legacyNames(name: string, role: Role): readonly string[] {
  const prefix = `${distribution(name)}#`;
  return Object.keys(LEGACY[role]).flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
}

/** Python's packages are called the same with capitals, dashes, dots and underscores (PEP 503). */
function distribution(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}
