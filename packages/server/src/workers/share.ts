// workers/share.ts: what one of several workers may have of that which the options say of the process.

import type { ServiceSettings } from '../settings.ts';

/** `isShared`: workers accept by themselves. Who accepts in the main thread is counted there, but requests are counted by workers. */
export function shareOf(settings: ServiceSettings, workers: number, isShared: boolean): ServiceSettings {
  const maxConnections = isShared ? partOf(settings.maxConnections, workers) : settings.maxConnections;
  if (settings.protocol !== 'fastcgi') return { ...settings, maxConnections };
  return { ...settings, maxConnections, requestsMax: partOf(settings.processRequests, workers) };
}

/** Whoever has asked for more workers than that, by hand, has a little more than the options say. */
function partOf(limit: number, workers: number): number {
  return Math.max(1, Math.floor(limit / workers));
}
