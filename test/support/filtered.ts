// filtered.ts: one filter over one small app, as an ini.

import { siteOf, type Site, type SiteOptions } from './parts.ts';

/** `[app:main]` of /app.mjs, behind the filter; `lines` are its options. */
export function filtered(name: string, lines: readonly string[], app: string, options: SiteOptions = {}): Promise<Site> {
  const ini = [
    '[app:main]',
    'use = ./app.mjs#make',
    'filter-with = it',
    '[filter:it]',
    `use = @appserve/parts#${name}`,
    ...lines,
  ];
  return siteOf([...ini, ''], { ...options, files: { 'app.mjs': app, ...options.files } });
}

/** Says some of its environ, as JSON. */
export function showing(...keys: readonly string[]): string {
  return `export const make = () => (environ, startResponse) => {
    startResponse('200 OK', [['Content-Type', 'application/json']]);
    return [Buffer.from(JSON.stringify(${JSON.stringify(keys)}.map((key) => environ[key] ?? null)))];
  };`;
}
