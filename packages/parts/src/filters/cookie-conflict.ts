// filters/cookie-conflict.ts: cookies that browsers refuse without a word (RFC 6265bis §5.7: SameSite, and the prefixes of names).

import { Fault } from '@appserve/core';

export interface CookieAttributes {
  readonly cookie: string;
  readonly secure: 'auto' | 'true' | 'false';
  readonly sameSite: 'Lax' | 'Strict' | 'None';
  readonly path: string;
  readonly domain: string | undefined;
}

/** Faults: OPTIONS_CONFLICT. */
export function refuseWhatBrowsersRefuse({ cookie, secure, sameSite, path, domain }: CookieAttributes): void {
  if (sameSite === 'None' && secure === 'false')
    throw new Fault('OPTIONS_CONFLICT', { keys: ['same_site', 'secure'], why: 'browsers take None with secure only' });
  const isHostOnly = /^__Host-/i.test(cookie) && (secure === 'false' || path !== '/' || domain !== undefined);
  const isSecureOnly = /^__Secure-/i.test(cookie) && secure === 'false';
  if (isHostOnly || isSecureOnly)
    throw new Fault('OPTIONS_CONFLICT', { keys: ['cookie', 'secure'], why: `browsers refuse ${cookie} with these attributes` });
}
