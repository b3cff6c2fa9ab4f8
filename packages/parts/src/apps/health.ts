// apps/health.ts: whether the worker is there.

import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { GatewayApp, GatewayResult, GlobalConf, StartResponse } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { plainAnswer, refusedMethod } from '../plain-answer.ts';
import type { healthPart } from './health-part.ts';

function say(startResponse: StartResponse, status: number): GatewayResult {
  return plainAnswer(startResponse, status, [['Cache-Control', 'no-store']]);
}

/** An `app_factory`. */
export function health({ here = '.' }: GlobalConf, { downFile }: Settled<typeof healthPart.options>): GatewayApp {
  const file = downFile === undefined ? undefined : resolve(here, downFile);
  return (environ, startResponse) => {
    const refused = refusedMethod(environ, startResponse);
    if (refused !== undefined || file === undefined) return refused ?? say(startResponse, 200);
    return access(file).then(
      () => say(startResponse, 503),
      () => say(startResponse, 200),
    );
  };
}
