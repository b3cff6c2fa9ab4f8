// filters/timeout.ts: an answer for the client when the app takes too long to begin one.

import type { Environ, Filter, GatewayApp, GatewayResult, GlobalConf, StartResponse } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { gatewayFilter } from '../gateway-filter.ts';
import { answerUnless, ignoringWrite } from '../caught-answer.ts';
import { plainAnswer } from '../plain-answer.ts';
import type { timeoutPart } from './timeout-part.ts';

/** A `filter_factory`. */
export function timeout(_globalConf: GlobalConf, { limitMs }: Settled<typeof timeoutPart.options>): Filter {
  return gatewayFilter((inner) => (environ, startResponse) => begunInTime(inner, environ, startResponse, limitMs));
}

function begunInTime(app: GatewayApp, environ: Environ, startResponse: StartResponse, limitMs: number): ReturnType<GatewayApp> {
  const { 'wsgi.errors': errors, 'wsgi.signal': signalOf } = environ;
  const late = new AbortController();
  environ['wsgi.signal'] = () => AbortSignal.any([signalOf(), late.signal]);
  let hasBegun = false;
  let hasLeft = false;
  const tell = (what: string): void => {
    // What becomes of a request that nobody waits for is no failure of the app.
    if (!hasLeft) errors.write(`${what}\n`);
  };
  const answer = answerUnless(
    () => false,
    app,
    environ,
    (...head) => {
      if (late.signal.aborted) return ignoringWrite;
      hasBegun = true;
      return startResponse(...head);
    },
  );
  if (!(answer instanceof Promise)) return answer!;
  return new Promise<GatewayResult>((resolve, reject) => {
    const timer = setTimeout(() => {
      if (hasBegun) return;
      // Also who has left gets his answer then, which goes nowhere: it gives the place on that an app which never ends would keep.
      hasLeft = signalOf().aborted;
      late.abort(new DOMException(`the answer has not begun within ${limitMs} ms`, 'TimeoutError'));
      tell(`${environ.REQUEST_METHOD} ${environ.RAW_URI}: the answer has not begun within ${limitMs} ms`);
      resolve(plainAnswer(startResponse, 503));
    }, limitMs);
    answer
      .finally(() => clearTimeout(timer))
      .then(
        (result) => (late.signal.aborted ? result!.close?.() : resolve(result!)),
        (error: unknown) => {
          // It was told to give up, so that is mostly what it says.
          if (!late.signal.aborted) reject(error);
          else if (error !== late.signal.reason) tell(`failed after its time was over: ${String(error)}`);
        },
      )
      .catch((error: unknown) => tell(`failed to close after its time was over: ${String(error)}`));
  });
}
