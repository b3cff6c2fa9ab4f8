// fastcgi-settings.ts: the settled options of FastCGI, and what the process finds where it is started, become settings.

import { isIPv4 } from 'node:net';
import { Fault } from '@appserve/core';
import { monkeyOptions } from './fastcgi-options.ts';
import type { FastcgiOptionValues, FastcgiSettings, SharedSettings } from './settings.ts';

/** gevent-fastcgi's FCGI_MAX_REQS for each of its connections. */
const REQUESTS_PER_CONNECTION = 1_024;

/** Faults: WEB_SERVER_ADDRS_INVALID. */
export function fastcgiSettings(values: FastcgiOptionValues, environment: NodeJS.ProcessEnv): FastcgiSettings & SharedSettings {
  const requests = values.maxReqs ?? values.maxConns * REQUESTS_PER_CONNECTION;
  return {
    ...values,
    protocol: 'fastcgi',
    maxConnections: values.maxConns,
    processConnections: values.maxConns,
    processRequests: requests,
    requestsMax: requests,
    keepaliveTimeoutMs: values.keepaliveTimeoutMs === 0 ? Number.POSITIVE_INFINITY : values.keepaliveTimeoutMs,
    fastcgiAllow: values.fastcgiAllow ?? addressesOf(environment),
  };
}

/** Which of the inert keys an ini has. */
export function inertKeys(values: FastcgiOptionValues): string[] {
  const given = new Map(Object.entries(values));
  return Object.keys(monkeyOptions).filter((key) => given.get(nameOf(key)) !== undefined);
}

function nameOf(key: string): string {
  return key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** FastCGI 1.0 §3.2: IPv4 addresses parted by commas. */
function addressesOf({ FCGI_WEB_SERVER_ADDRS: text }: NodeJS.ProcessEnv): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const addresses = text.split(',').map((address) => address.trim());
  if (!addresses.every(isIPv4)) throw new Fault('WEB_SERVER_ADDRS_INVALID', { value: text });
  return addresses;
}
