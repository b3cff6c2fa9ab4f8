// composites/urlmap.ts: apps by path and host: paste.urlmap.
//
// Law: which app it is is found out for each request, by nothing but its path and host; what it costs does not depend on how many there are.

import { toGateway, type GatewayApp, type GlobalConf, type Loader } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { plainAnswer } from '../plain-answer.ts';
import { hostOf } from './host-of.ts';
import { withoutRepeats } from './mount-key.ts';
import { mountsOf, type Mounts } from './mounts.ts';
import type { urlmapPart } from './urlmap-part.ts';

const notFound: GatewayApp = (_environ, startResponse) => plainAnswer(startResponse, 404);

/** A `composite_factory`. Faults: OPTIONS_CONFLICT, and the loader's. */
export async function urlmap(
  loader: Loader,
  globalConf: GlobalConf,
  { notFoundApp, others }: Settled<typeof urlmapPart.options>,
): Promise<GatewayApp> {
  const otherwise = notFoundApp ?? globalConf['not_found_app'];
  const elsewhere = otherwise === undefined ? notFound : toGateway(await loader.getApp(otherwise, globalConf));
  const apps: (readonly [string, GatewayApp])[] = [];
  for (const [key, name] of others) apps.push([key, toGateway(await loader.getApp(name, globalConf))]);
  return mapped(mountsOf(apps), elsewhere);
}

function mapped(mounts: Mounts<GatewayApp>, elsewhere: GatewayApp): GatewayApp {
  return (environ, startResponse) => {
    const path = withoutRepeats(environ.PATH_INFO);
    const found = mounts.find(path, mounts.hasHosts ? hostOf(environ) : undefined);
    if (found === undefined) return elsewhere(environ, startResponse);
    environ.SCRIPT_NAME += path.slice(0, found.length);
    environ.PATH_INFO = path.slice(found.length);
    return found.value(environ, startResponse);
  };
}
