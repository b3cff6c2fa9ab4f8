// api/entry-points.ts: what can be imported of our packages, and for whom it is there.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRepository } from '../../test/support/repository.ts';
import { PACKAGES, type Package } from '../../test/support/sources.ts';

export interface EntryPoint {
  /** `@appserve/core/app` */
  readonly name: string;
  readonly package: Package;
  /** Its declarations, as a path of this machine. */
  readonly types: string;
  /** What it is for. */
  readonly means: string;
}

/** What stays as it is between versions as docs/guide/versions.md says. */
const PUBLIC: Readonly<Record<string, string>> = {
  appserve: 'The command as a function, its tables and exit codes',
  '@appserve/core': 'Faults: errors with a code, a place and a next step',
  '@appserve/core/app': 'App contracts as types, handlers, conversions between contracts',
  '@appserve/core/log': 'Loggers of apps, levels, the fields of a record',
  '@appserve/core/options': 'Tables of options, for factories with typed settings',
  '@appserve/core/message': 'Words of HTTP: fields, heads, statuses',
  '@appserve/core/exchange': 'One request and its one response, for protocols and contracts of others',
  '@appserve/core/http1': 'The HTTP/1.1 engine',
  '@appserve/core/http2': 'The fields of requests and answers of HTTP/2',
  '@appserve/core/fastcgi': 'The FastCGI engine',
  '@appserve/core/peers': 'Lists of addresses, and what proxies say of their clients',
  '@appserve/core/proxy-protocol': 'The header of the PROXY protocol',
  '@appserve/core/websocket': 'The handshake of WebSockets, and the types of their hooks',
  '@appserve/loader': 'From a configuration to apps, servers and plain data',
  '@appserve/loader/generate': 'Builds, for programs and for authors of recipes',
  '@appserve/parts': 'Apps, filters and composites, for those who build without an ini',
  '@appserve/server': 'Servers from a script',
  '@appserve/server/control': 'Speaks to a server that runs',
  '@appserve/server/options': 'The table of options of `@appserve/server#main`',
  '@appserve/server/fastcgi-options': 'The table of options of `@appserve/server#fastcgi`',
};

/** What our packages, documents and tests have of each other. It may change in every version. */
const INNER: Readonly<Record<string, string>> = {
  '@appserve/loader/buildout': 'The language of a `buildout.cfg`, for tests',
  '@appserve/loader/logging': 'What an ini says of logging, for documents and tests',
  '@appserve/loader/structured': 'YAML and JSON, for tests',
  '@appserve/parts/catalogue': 'Every part by its name, for documents and tests',
  '@appserve/parts/machines': 'Machines of parts, for tests',
  '@appserve/server/development': 'What watches files, for the command',
  '@appserve/server/machines': 'Machines of the server, for documents and tests',
};

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

export const PUBLIC_ENTRY_POINTS: readonly EntryPoint[] = entryPoints(PUBLIC);
export const INNER_ENTRY_POINTS: readonly EntryPoint[] = entryPoints(INNER);

/** In the order of the table, which has to know all that any package exports. */
function entryPoints(table: Readonly<Record<string, string>>): EntryPoint[] {
  const exported = new Map(PACKAGES.flatMap(exportsOf).map((one) => [one.name, one]));
  const unknown = [...exported.keys()].filter((name) => !(name in PUBLIC) && !(name in INNER));
  if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: exported, and in no table of scripts/api/entry-points.ts`);
  return Object.entries(table).map(([name, means]) => {
    const found = exported.get(name);
    if (found === undefined) throw new Error(`${name}: in scripts/api/entry-points.ts, and exported by no package`);
    return { ...found, means };
  });
}

function exportsOf(folder: Package): Omit<EntryPoint, 'means'>[] {
  const home = inRepository(`packages/${folder}`);
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Manifest;
  return Object.entries(manifest.exports).flatMap(([path, row]) =>
    typeof row === 'string' ? [] : [{ name: join(manifest.name, path), package: folder, types: join(home, row.types) }],
  );
}
