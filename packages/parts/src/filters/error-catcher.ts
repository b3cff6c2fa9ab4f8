// filters/error-catcher.ts: an answer for an app that has failed.

import { inspect } from 'node:util';
import { booleanOf, Fault } from '@appserve/core';
import type { Environ, Filter, GatewayResult, GlobalConf, StartResponse } from '@appserve/core/app';
import type { Settled } from '@appserve/core/options';
import { gatewayFilter } from '../gateway-filter.ts';
import { answerUnless } from '../caught-answer.ts';
import { escaped, page } from './error-page.ts';
import type { errorCatcherPart } from './error-catcher-part.ts';

type Settings = Settled<typeof errorCatcherPart.options>;

/** A `filter_factory`. Faults: OPTION_INVALID where `debug` of [DEFAULT] is neither yes nor no. */
export function errorCatcher(globalConf: GlobalConf, { debug, message }: Settings): Filter {
  const isShown = debug ?? debugOf(globalConf);
  return gatewayFilter((inner) => (environ, startResponse) => {
    let hasBegun = false;
    const failed = (error: unknown): GatewayResult => {
      if (hasBegun) throw error;
      complain(environ, error);
      return answer(environ, startResponse, isShown ? { error } : { message });
    };
    try {
      const result = answerUnless(
        () => false,
        inner,
        environ,
        (...head) => {
          hasBegun = true;
          return startResponse(...head);
        },
      );
      return result instanceof Promise ? result.then((later) => later!, failed) : result!;
    } catch (error) {
      return failed(error);
    }
  });
}

function debugOf({ debug = 'false' }: GlobalConf): boolean {
  const value = booleanOf(debug);
  if (value === undefined) throw new Fault('OPTION_INVALID', { key: 'debug', value: debug, allowed: 'true or false' });
  return value;
}

function complain({ REQUEST_METHOD: method, RAW_URI: target, 'wsgi.errors': errors }: Environ, error: unknown): void {
  errors.write(`${method} ${target}: ${inspect(error).replaceAll(/\n(?! )/g, '\n  ')}\n`);
}

type Shown = { readonly error: unknown } | { readonly message: string };

function answer(environ: Environ, startResponse: StartResponse, shown: Shown): GatewayResult {
  const accept = environ['HTTP_ACCEPT'];
  const isPage = typeof accept === 'string' && accept.includes('text/html');
  const text = 'error' in shown ? inspect(shown.error) : shown.message;
  const type = isPage ? 'text/html' : 'text/plain';
  startResponse('500 Internal Server Error', [
    ['Content-Type', `${type}; charset=utf-8`],
    ['Cache-Control', 'no-store'],
    ['Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'"],
  ]);
  return [
    Buffer.from(
      isPage
        ? page('Internal Server Error', 'error' in shown ? `<pre>${escaped(text)}</pre>` : `<p>${escaped(text)}</p>`)
        : `${text}\n`,
    ),
  ];
}
