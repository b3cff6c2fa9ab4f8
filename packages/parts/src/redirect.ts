// redirect.ts: an app that sends every request elsewhere: to another host, or from http to https.
//
//   [app:main]
//   use = @appserve/parts#redirect
//   to = https://www.example.com

import { Fault, nearest } from '@appserve/core';
import type { FactorySettings, FetchApp, GlobalConf } from '@appserve/core/app';

const STATUSES = ['301', '302', '303', '307', '308'] as const;
const DEFAULT_STATUS = '308';

/**
 * An `app_factory`. `to`: where to, without a path; path and query of the request are kept. `status`: 308 when left out.
 *
 * Faults: OPTION_REQUIRED, OPTION_INVALID, OPTION_UNKNOWN.
 */
export function redirect(_globalConf: GlobalConf, settings: FactorySettings): FetchApp {
  const { to, status = DEFAULT_STATUS, ...others } = settings;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) throw new Fault('OPTION_UNKNOWN', { key: unknown, nearest: nearest(unknown, ['to', 'status']) });
  const origin = originOf(to);
  if (!STATUSES.some((known) => known === status))
    throw new Fault('OPTION_INVALID', { key: 'status', value: status, allowed: `one of ${STATUSES.join(', ')}` });

  return (request) => {
    const { pathname, search } = new URL(request.url);
    return new Response(null, { status: Number(status), headers: { location: `${origin}${pathname}${search}` } });
  };
}

function originOf(to: string | undefined): string {
  const allowed = 'an address without a path, such as https://www.example.com';
  if (to === undefined) throw new Fault('OPTION_REQUIRED', { key: 'to', allowed });
  const isOrigin = URL.canParse(to) && /^https?:$/.test(new URL(to).protocol) && new URL(to).href === `${new URL(to).origin}/`;
  if (!isOrigin) throw new Fault('OPTION_INVALID', { key: 'to', value: to, allowed });
  return new URL(to).origin;
}
