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
