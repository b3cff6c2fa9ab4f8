// plain-answer.ts: an answer in a line of text.

import type { Environ, GatewayResult, StartResponse } from '@appserve/core/app';
import { reasonPhrase } from '@appserve/core/message';

type Headers = readonly (readonly [name: string, value: string])[];

/** `404 Not Found` as status and as text, which HEAD is not sent. */
export function plainAnswer(startResponse: StartResponse, status: number, headers: Headers = []): GatewayResult {
  const line = `${status} ${reasonPhrase(status)}`;
  startResponse(line, [['Content-Type', 'text/plain; charset=utf-8'], ...headers]);
  return [Buffer.from(`${line}\n`)];
}

/** Of what only reads. Nothing when it may; else the answer. */
export function refusedMethod({ REQUEST_METHOD: method }: Environ, startResponse: StartResponse): GatewayResult | undefined {
  return method === 'GET' || method === 'HEAD' ? undefined : plainAnswer(startResponse, 405, [['Allow', 'GET, HEAD']]);
}
