// The face of this package: stock apps, filters and composites, for those who build without an ini file. What each of them takes
// stands beside it in NAME-part.ts, as it is when it is settled.

export { cgi } from './apps/cgi.ts';
export { debug } from './apps/debug.ts';
export { health } from './apps/health.ts';
export { proxy } from './apps/proxy.ts';
export { redirect } from './apps/redirect.ts';
export { staticFiles } from './apps/static.ts';
export { test } from './apps/test.ts';
export { canary } from './composites/canary.ts';
export { cascade } from './composites/cascade.ts';
export { hosts } from './composites/hosts.ts';
export { urlmap } from './composites/urlmap.ts';
export { authBasic } from './filters/auth-basic.ts';
export { config } from './filters/config.ts';
export { cors } from './filters/cors.ts';
export { csp } from './filters/csp.ts';
export { errorCatcher } from './filters/error-catcher.ts';
export { errorDocument } from './filters/error-document.ts';
export { gzip } from './filters/gzip.ts';
export { ipAllow } from './filters/ip-allow.ts';
export { lint } from './filters/lint.ts';
export { prefix } from './filters/prefix.ts';
export { profile } from './filters/profile.ts';
export { proxyHeaders } from './filters/proxy-headers.ts';
export { rateLimit } from './filters/rate-limit.ts';
export { requestId } from './filters/request-id.ts';
export { securityHeaders } from './filters/security-headers.ts';
export { sessionCookie } from './filters/session-cookie.ts';
export { timeout } from './filters/timeout.ts';
export { translogger } from './filters/translogger.ts';
