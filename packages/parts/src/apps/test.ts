// apps/test.ts: an app that says the same to everybody.

import { setTimeout as wait } from 'node:timers/promises';
import type { GatewayApp, GlobalConf } from '@appserve/core/app';
import { reasonPhrase } from '@appserve/core/message';
import type { Settled } from '@appserve/core/options';
import type { testPart } from './test-part.ts';

/** Statuses that have no content (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
const WITHOUT_CONTENT = [204, 205, 304];

/** An `app_factory`. */
export function test(_globalConf: GlobalConf, settings: Settled<typeof testPart.options>): GatewayApp {
  const { status, contentType, delayMs } = settings;
  const head = `${status} ${reasonPhrase(status)}`;
  const hasContent = !WITHOUT_CONTENT.includes(status);
  const headers = hasContent ? ([['Content-Type', contentType]] as const) : [];
  const body = hasContent ? [Buffer.from(`${settings.text}\n`)] : [];
  return (environ, startResponse) => {
    startResponse(head, headers);
    return delayMs === 0 ? body : wait(delayMs, body, { signal: environ['wsgi.signal']() });
  };
}
