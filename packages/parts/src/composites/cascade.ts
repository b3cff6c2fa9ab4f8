// composites/cascade.ts: the first of several apps that has an answer: paste.cascade.

import { Input, toGateway, type GatewayApp, type GatewayResult, type GlobalConf, type Loader } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { answerUnless } from '../caught-answer.ts';
import { copyOf } from '../environ-copy.ts';
import type { cascadePart } from './cascade-part.ts';
import { numbered } from './numbered.ts';
import { RecordedBody } from './recorded-body.ts';

/** A `composite_factory`. Faults: OPTION_REQUIRED where there is no app, and the loader's. */
export async function cascade(
  loader: Loader,
  globalConf: GlobalConf,
  { catch: caught, bodyLimitBytes, others }: Settled<typeof cascadePart.options>,
): Promise<GatewayApp> {
  const apps: GatewayApp[] = [];
  for (const name of numbered(others)) apps.push(toGateway(await loader.getApp(name, globalConf)));
  const last = apps.pop()!;
  const isCaught = (status: number): boolean => caught.includes(status);

  return (environ, startResponse) => {
    const input = environ['wsgi.input'];
    const hasBody = environ.CONTENT_LENGTH !== undefined || environ['HTTP_TRANSFER_ENCODING'] !== undefined;
    const body = hasBody && input instanceof Input ? new RecordedBody(input, bodyLimitBytes) : undefined;
    const ask = (at: number): GatewayResult | Promise<GatewayResult> => {
      const isLast = at === apps.length;
      const own = isLast ? environ : copyOf(environ);
      if (body !== undefined) own['wsgi.input'] = body.input(isLast);
      if (isLast) return last(own, startResponse);
      const answer = answerUnless(isCaught, apps[at]!, own, startResponse);
      if (answer instanceof Promise) return answer.then((later) => later ?? ask(at + 1));
      return answer ?? ask(at + 1);
    };
    return ask(0);
  };
}
