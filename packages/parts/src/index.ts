// The face of this package: stock apps, filters and composites, for those who build without an ini file. What each of them takes
// stands beside it in NAME-part.ts, as it is when it is settled.

export { redirect } from './apps/redirect.ts';
export { test } from './apps/test.ts';
