// filters/cors.ts: answers to pages of other origins (https://fetch.spec.whatwg.org/#http-cors-protocol).

import type { Environ, Filter, GlobalConf, HeaderList } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { gatewayFilter } from '../gateway-filter.ts';
import { refuseAllWithCredentials } from './cors-conflict.ts';
import type { corsPart } from './cors-part.ts';
import { varying, without } from './head.ts';

type Settings = Settled<typeof corsPart.options>;

/** What this filter alone says. */
const OURS = ['access-control-allow-origin', 'access-control-allow-credentials', 'access-control-expose-headers'];

/** A `filter_factory`. Faults: OPTIONS_CONFLICT. */
export function cors(_globalConf: GlobalConf, settings: Settings): Filter {
  refuseAllWithCredentials(settings);
  const isForAll = settings.origins.includes('*');
  return gatewayFilter((inner) => (environ, startResponse) => {
    const origin = environ['HTTP_ORIGIN'];
    const allowed = isForAll ? '*' : typeof origin === 'string' && settings.origins.includes(origin) ? origin : undefined;
    // Said to all alike where all may read: what a cache keeps of a request without Origin serves the others too.
    const shared = allowed === undefined ? [] : sharing(allowed, settings);
    if (isPreflight(environ)) {
      startResponse('204 No Content', preflight(shared, environ, settings, isForAll));
      return [];
    }
    return inner(environ, (status, headers, excInfo) => {
      const own = [...without(headers, ...OURS), ...shared];
      return startResponse(status, isForAll ? own : varying(own, 'Origin'), excInfo);
    });
  });
}

function isPreflight(environ: Environ): boolean {
  return (
    environ.REQUEST_METHOD === 'OPTIONS' &&
    environ['HTTP_ORIGIN'] !== undefined &&
    environ['HTTP_ACCESS_CONTROL_REQUEST_METHOD'] !== undefined
  );
}

function sharing(origin: string, { credentials, expose }: Settings): HeaderList {
  return [
    ['Access-Control-Allow-Origin', origin],
    ...(credentials ? ([['Access-Control-Allow-Credentials', 'true']] as const) : []),
    ...(expose === undefined ? [] : ([['Access-Control-Expose-Headers', expose.join(', ')]] as const)),
  ];
}

/** To whom it is not allowed nothing is said: the browser knows what that means. */
function preflight(shared: HeaderList, environ: Environ, settings: Settings, isForAll: boolean): HeaderList {
  const { methods, headers, maxAgeMs } = settings;
  const asked = environ['HTTP_ACCESS_CONTROL_REQUEST_HEADERS'];
  const allowed = headers?.join(', ') ?? (typeof asked === 'string' ? asked : undefined);
  const answer: HeaderList =
    shared.length === 0
      ? []
      : [
          ...without(shared, 'access-control-expose-headers'),
          ['Access-Control-Allow-Methods', methods.join(', ')],
          ...(allowed === undefined ? [] : ([['Access-Control-Allow-Headers', allowed]] as const)),
          ['Access-Control-Max-Age', String(Math.floor(maxAgeMs / 1_000))],
        ];
  const varied = headers === undefined ? varying(answer, 'Access-Control-Request-Headers') : answer;
  return isForAll ? varied : varying(varied, 'Origin');
}
