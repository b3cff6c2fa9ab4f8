// The face of this package: stock apps, filters and composites, for those who build without an ini file.

export { redirect } from './redirect.ts';
