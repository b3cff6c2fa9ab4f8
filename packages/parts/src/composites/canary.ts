// composites/canary.ts: apps by weight.

import { createHash, randomInt } from 'node:crypto';
import { toGateway, type Environ, type GatewayApp, type GlobalConf, type Loader, type StartResponse } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { privately, varying } from '../filters/head.ts';
import { cookieOf } from '../cookie.ts';
import type { canaryPart } from './canary-part.ts';
import { Shares } from './shares.ts';

interface Candidate {
  readonly app: GatewayApp;
  /** As the cookie says it. */
  readonly number: string;
}

type Settings = Settled<typeof canaryPart.options>;

/** A `composite_factory`. Faults: OPTION_REQUIRED where no app has a weight, and the loader's. */
export async function canary(loader: Loader, globalConf: GlobalConf, settings: Settings): Promise<GatewayApp> {
  const weighted: (readonly [Candidate, number])[] = [];
  for (const [index, [name, weight]] of settings.others.entries())
    weighted.push([{ app: toGateway(await loader.getApp(name, globalConf)), number: String(index + 1) }, weight]);
  const shares = new Shares(weighted);
  if (settings.by === 'cookie')
    return byCookie(
      shares,
      weighted.map(([candidate]) => candidate),
      settings,
    );
  return byHash(shares, settings);
}

const PLACES = 2 ** 32;

/** The same for the same text, in every worker and after every start. */
function placeOf(text: string): number {
  return createHash('sha256').update(text, 'latin1').digest().readUInt32BE() / PLACES;
}

/** What depends on an address is not for caches that several clients share. */
function byHash(shares: Shares<Candidate>, { by, field }: Settings): GatewayApp {
  const variable = by === 'field' ? `HTTP_${field.toUpperCase().replaceAll('-', '_')}` : undefined;
  return (environ, startResponse) => {
    const known = variable === undefined ? undefined : environ[variable];
    const { app } = shares.at(placeOf(typeof known === 'string' ? known : environ.REMOTE_ADDR));
    return app(environ, (status, headers, excInfo) => {
      const varied = variable === undefined ? headers : varying(headers, field);
      return startResponse(status, typeof known === 'string' ? varied : privately(varied), excInfo);
    });
  };
}

function byCookie(shares: Shares<Candidate>, candidates: readonly Candidate[], settings: Settings): GatewayApp {
  const { cookie, cookieMaxAgeMs } = settings;
  return (environ: Environ, startResponse: StartResponse) => {
    const said = cookieOf(environ, cookie);
    const known = said === undefined ? undefined : candidates.find(({ number }) => number === said);
    if (known !== undefined)
      return known.app(environ, (status, headers, excInfo) => startResponse(status, varying(headers, 'Cookie'), excInfo));
    const { app, number } = shares.at(randomInt(PLACES) / PLACES);
    const attributes = `Path=/; Max-Age=${Math.floor(cookieMaxAgeMs / 1_000)}; HttpOnly; SameSite=Lax`;
    const secure = environ['wsgi.url_scheme'] === 'https' ? '; Secure' : '';
    return app(environ, (status, headers, excInfo) => {
      const own = privately(varying(headers, 'Cookie'));
      return startResponse(status, [...own, ['Set-Cookie', `${cookie}=${number}; ${attributes}${secure}`]], excInfo);
    });
  };
}
