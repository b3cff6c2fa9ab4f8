// caught-answer.ts: asks a gateway app, and looks at the status of its answer before anything of it goes on: for those who may rather
// have another answer.
//
// Law: what is not wanted is closed and not read; what is wanted goes on as it comes.

import type { GatewayApp, GatewayResult, HeaderList, StartResponse, Environ } from '@appserve/core/app';

/** Gives the answer, or nothing where `isCaught` says so of its head, whose status is such as 404. Throws what the app throws. */
export function answerUnless(
  isCaught: (status: number, headers: HeaderList) => boolean,
  app: GatewayApp,
  environ: Environ,
  startResponse: StartResponse,
): GatewayResult | undefined | Promise<GatewayResult | undefined> {
  const head: { state: 'none' | 'caught' | 'passed' } = { state: 'none' };
  const result = app(environ, (status, headers, excInfo) => {
    // Whoever says it again, because he has failed, may now say something else.
    if (head.state !== 'passed') head.state = isCaught(Number(status.slice(0, 3)), headers) ? 'caught' : 'passed';
    return head.state === 'caught' ? ignoringWrite : startResponse(status, headers, excInfo);
  });
  if (result instanceof Promise || head.state !== 'passed') return decided(result, head);
  return result;
}

export async function ignoringWrite(): Promise<void> {
  // Nobody will read it.
}

async function decided(
  given: GatewayResult | Promise<GatewayResult>,
  head: { readonly state: 'none' | 'caught' | 'passed' },
): Promise<GatewayResult | undefined> {
  const result = await given;
  // An array has nothing to say any more: who has not called startResponse by now never will.
  if (head.state === 'passed' || (head.state === 'none' && Array.isArray(result))) return result;
  if (head.state === 'caught') {
    await result.close?.();
    return undefined;
  }
  return begun(result, head);
}

/** A generator calls startResponse in its first step: that is taken, and given back in front of the rest. */
async function begun(
  result: GatewayResult,
  head: { readonly state: 'none' | 'caught' | 'passed' },
): Promise<GatewayResult | undefined> {
  const pieces = Symbol.asyncIterator in result ? result[Symbol.asyncIterator]() : result[Symbol.iterator]();
  const close = async (): Promise<void> => {
    await pieces.return?.();
    await result.close?.();
  };
  const taken: Uint8Array[] = [];
  try {
    let step = await pieces.next();
    for (; step.done !== true; step = await pieces.next()) {
      taken.push(step.value);
      if (head.state !== 'none') break;
    }
  } catch (error) {
    await close();
    throw error;
  }
  if (head.state === 'caught') {
    await close();
    return undefined;
  }
  return {
    async *[Symbol.asyncIterator]() {
      yield* taken;
      for (let step = await pieces.next(); step.done !== true; step = await pieces.next()) yield step.value;
    },
    close,
  };
}
