// filters/session-cookie.ts: what an app knows of a visitor, in a cookie that is signed (RFC 6265).

import { Fault } from '@appserve/core';
import type { Environ, Filter, GlobalConf } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { gatewayFilter } from '../gateway-filter.ts';
import { cookieOf } from '../cookie.ts';
import { refuseWhatBrowsersRefuse } from './cookie-conflict.ts';
import { privately, varying } from './head.ts';
import type { sessionCookiePart } from './session-cookie-part.ts';
import { Signer } from './signed-value.ts';

type Settings = Settled<typeof sessionCookiePart.options>;
type Session = Record<string, unknown>;

/** What browsers keep of a cookie, its name and attributes included (RFC 6265 §6.1). */
const COOKIE_MAX = 4_096;

/** A `filter_factory`. Faults: OPTIONS_CONFLICT; for each request SESSION_TOO_LARGE. */
export function sessionCookie(_globalConf: GlobalConf, settings: Settings): Filter {
  refuseWhatBrowsersRefuse(settings);
  const signer = new Signer(settings.secrets, `session ${settings.cookie}`);
  const maxAgeS = Math.floor(settings.maxAgeMs / 1_000);
  return gatewayFilter((inner) => (environ, startResponse) => {
    const nowS = Math.floor(Date.now() / 1_000);
    const sent = cookieOf(environ, settings.cookie);
    const read = sent === undefined ? undefined : signer.read(sent, nowS, maxAgeS);
    const session = sessionOf(read?.value);
    const before = JSON.stringify(session);
    environ['appserve.session'] = session;
    const isOld = read !== undefined && read.ageS > maxAgeS / 2;
    return inner(environ, (status, headers, excInfo) => {
      // Nobody knows whether the app has read it: what a shared cache keeps of this is for whoever has the same cookie.
      const varied = varying(headers, 'Cookie');
      const isChanged = JSON.stringify(session) !== before;
      if (!isChanged && !isOld) return startResponse(status, varied, excInfo);
      const isEmpty = Object.keys(session).length === 0;
      const cookie = isEmpty
        ? cookieFor('', 0, environ, settings)
        : cookieFor(signer.sign(session, nowS), maxAgeS, environ, settings);
      return startResponse(status, [...privately(varied), ['Set-Cookie', cookie]], excInfo);
    });
  });
}

/** It was ours, so it is an object; JSON may hold `__proto__`, which is a member like any other here. */
function sessionOf(value: unknown): Session {
  return Object.assign(Object.create(null) as Session, value);
}

function cookieFor(value: string, maxAgeS: number, environ: Environ, settings: Settings): string {
  const { cookie, path, domain, secure, httpOnly, sameSite } = settings;
  const isSecure = secure === 'true' || (secure === 'auto' && environ['wsgi.url_scheme'] === 'https');
  const text = [
    `${cookie}=${value}`,
    `Path=${path}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    `Max-Age=${maxAgeS}`,
    ...(isSecure ? ['Secure'] : []),
    ...(httpOnly ? ['HttpOnly'] : []),
    `SameSite=${sameSite}`,
  ].join('; ');
  if (text.length > COOKIE_MAX) throw new Fault('SESSION_TOO_LARGE', { bytes: text.length, max: COOKIE_MAX });
  return text;
}
