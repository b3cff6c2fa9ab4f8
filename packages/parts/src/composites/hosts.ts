// composites/hosts.ts: apps by host.

import { toGateway, type GatewayApp, type GlobalConf, type Loader } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { plainAnswer } from '../plain-answer.ts';
import { hostMapOf } from './host-map.ts';
import { hostOf } from './host-of.ts';
import type { hostsPart } from './hosts-part.ts';

/** A `composite_factory`. Faults: OPTIONS_CONFLICT, and the loader's. */
export async function hosts(
  loader: Loader,
  globalConf: GlobalConf,
  { others }: Settled<typeof hostsPart.options>,
): Promise<GatewayApp> {
  const made: (readonly [string, GatewayApp])[] = [];
  for (const [key, name] of others) made.push([key, toGateway(await loader.getApp(name, globalConf))]);
  const apps = hostMapOf(made);
  return (environ, startResponse) => {
    const app = appOf(apps, hostOf(environ).name);
    // RFC 9110 §15.5.20: a request for a host that is not served here.
    return app === undefined ? plainAnswer(startResponse, 421) : app(environ, startResponse);
  };
}

/** `a.b.example.com` may be meant by `*.b.example.com`, `*.example.com`, `*.com` and `*`, in this order. */
function appOf<T>(apps: ReadonlyMap<string, T>, host: string): T | undefined {
  const own = apps.get(host);
  if (own !== undefined && !host.startsWith('*')) return own;
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    const above = apps.get(`*${host.slice(dot)}`);
    if (above !== undefined) return above;
  }
  return apps.get('*');
}
