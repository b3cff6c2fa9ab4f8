// filters/security-headers.ts: headers that tell browsers to be careful.

import type { Filter, GlobalConf, HeaderList } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { gatewayFilter } from '../gateway-filter.ts';
import { completed, without } from './head.ts';
import type { securityHeadersPart } from './security-headers-part.ts';

type Settings = Settled<typeof securityHeadersPart.options>;

const NAMES: { readonly [K in keyof Settings]: string } = {
  strictTransportSecurity: 'Strict-Transport-Security',
  xContentTypeOptions: 'X-Content-Type-Options',
  xFrameOptions: 'X-Frame-Options',
  referrerPolicy: 'Referrer-Policy',
  crossOriginOpenerPolicy: 'Cross-Origin-Opener-Policy',
  crossOriginResourcePolicy: 'Cross-Origin-Resource-Policy',
  permissionsPolicy: 'Permissions-Policy',
};

/** A `filter_factory`. */
export function securityHeaders(_globalConf: GlobalConf, settings: Settings): Filter {
  const secure: HeaderList = Object.entries(NAMES).flatMap(([key, name]) => {
    const value = settings[key as keyof Settings];
    return value === false ? [] : [[name, value] as const];
  });
  const clear = without(secure, 'strict-transport-security');
  return gatewayFilter((inner) => (environ, startResponse) => {
    const more = environ['wsgi.url_scheme'] === 'https' ? secure : clear;
    return inner(environ, (status, headers, excInfo) =>
      startResponse(status, status.startsWith('101') ? headers : completed(headers, more), excInfo),
    );
  });
}
