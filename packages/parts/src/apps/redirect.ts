// apps/redirect.ts: an app that sends every request elsewhere: to another host, or from http to https.

import { sentPath, type Environ, type GatewayApp, type GlobalConf } from '@appserve/core/app';
import { reasonPhrase } from '@appserve/core/message';
import type { Settled } from '@appserve/core/options';
import type { redirectPart } from './redirect-part.ts';

/** An `app_factory`. */
export function redirect(_globalConf: GlobalConf, { to, status }: Settled<typeof redirectPart.options>): GatewayApp {
  const head = `${status} ${reasonPhrase(Number(status))}`;
  return (environ, startResponse) => {
    startResponse(head, [['Location', to + pathAndQuery(environ)]]);
    return [];
  };
}

/** Of the whole request, where the app is mounted too. `OPTIONS *` and CONNECT have no path, which would make another host of it. */
function pathAndQuery(environ: Environ): string {
  const path = sentPath(environ).join('');
  const query = environ.QUERY_STRING === '' ? '' : `?${environ.QUERY_STRING}`;
  return (path.startsWith('/') ? path : '/') + query;
}
