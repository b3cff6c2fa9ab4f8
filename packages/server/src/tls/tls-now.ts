// tls/tls-now.ts: TLS as the options say it, read now: where the server was started, and at this hour.

import { throwFaults, type Warning } from '@appserve/core';
import { whereStarted } from '../process/become.ts';
import type { ServiceSettings, TlsOptionValues } from '../settings.ts';
import type { TlsMaterial } from './material.ts';
import { readTls, type ReadTls } from './read-tls.ts';

export function readTlsNow(values: TlsOptionValues): ReadTls {
  return readTls(values, whereStarted(), Date.now());
}

/** What workers are given; `warn` is told what is to be said. Nothing where there is no TLS. Faults: TLS_*, OPTIONS_CONFLICT. */
export function tlsOf(settings: ServiceSettings, warn: (what: Warning) => void): TlsMaterial | undefined {
  if (settings.protocol === 'fastcgi') return undefined;
  const { material, faults, warnings } = readTlsNow(settings);
  throwFaults(faults.map(({ fault }) => fault));
  for (const warning of warnings) warn(warning);
  return material;
}
