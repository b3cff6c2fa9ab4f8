// banner.ts: the one calm block that says what runs where.

import type { Paint } from '@appserve/core';
import type { ServiceSettings } from './settings.ts';
import { VERSION } from './version.ts';

export interface BannerFacts {
  readonly title: string;
  readonly urls: readonly string[];
  readonly size: number;
  readonly settings: ServiceSettings;
  readonly tookMs: number;
}

/** In colours where it is read on a terminal. */
export function banner({ title, urls, size, settings, tookMs }: BannerFacts, { bold, cyan, dim }: Paint): string {
  return [
    `${bold(`appserve ${VERSION}`)}, pid ${process.pid}: ${title}`,
    ...urls.map((url) => `  ${cyan(url)}`),
    dim(`  ${workersOf(size, settings)}, ${connectionsOf(settings)}; ready in ${Math.round(tookMs)} ms`),
    '',
  ].join('\n');
}

/** What is as it mostly is goes without saying. */
function workersOf(size: number, { workerClass, dispatch }: BannerFacts['settings']): string {
  const how = [...(workerClass === 'thread' ? [] : [workerClass]), ...(dispatch === 'shared' ? [] : [dispatch])];
  return `${size} ${size === 1 ? 'worker' : 'workers'}${how.length === 0 ? '' : ` (${how.join(', ')})`}`;
}

/** What is spoken, where it is not HTTP; else how long a connection is kept. */
function connectionsOf(settings: ServiceSettings): string {
  if (settings.protocol === 'fastcgi') return `FastCGI ${settings.role}`;
  return settings.maxReuseCount === 0
    ? 'keep-alive off (max_reuse_count = 0)'
    : `keep-alive ${settings.keepaliveTimeoutMs / 1_000} s`;
}
