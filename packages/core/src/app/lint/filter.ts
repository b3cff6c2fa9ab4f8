// lint/filter.ts: the validator: a filter that looks at what passes between a server and an app, and says which rule of
// docs/reference/gateway.md either breaks. What wsgiref.validate is to Python and Rack::Lint to Ruby. For development and tests.
//
//   [app:main]
//   filter-with = lint
//
//   [filter:lint]
//   use = @appserve/core#lint
//
// What it cannot see: whether a server calls close() at all, and what stands on the wire.

import { Fault } from '../../faults.ts';
import { recognise } from '../recognise.ts';
import type { App, Filter, GatewayApp, GatewayResult, StartResponse } from '../contracts.ts';
import type { FactorySettings, GlobalConf } from '../factories.ts';
import { underlyingOf } from '../underlying.ts';
import { checkEnviron } from './environ.ts';
import { check } from './broken.ts';
import { LintedInput } from './input.ts';
import { LintedResponse } from './response.ts';
import { lintedResult } from './result.ts';

/** A `filter_factory`. Faults: OPTION_UNKNOWN: it has no settings. */
export function lint(_globalConf: GlobalConf, settings: FactorySettings = {}): Filter {
  const [key] = Object.keys(settings);
  if (key !== undefined) throw new Fault('OPTION_UNKNOWN', { key, nearest: undefined });
  return validator;
}

/** The same app, looked at. Faults: GATEWAY_ONLY; for each request GATEWAY_RULE_BROKEN. */
export function validator(app: App): GatewayApp {
  const contract = recognise(app);
  if (contract !== 'gateway') throw new Fault('GATEWAY_ONLY', { what: '@appserve/core#lint', contract });
  // Two parameters are named, as recognise wants them; all that are given are counted.
  return (environ, startResponse, ...others: unknown[]) => linted(app as GatewayApp, [environ, startResponse, ...others]);
}

function linted(app: GatewayApp, args: readonly unknown[]): GatewayResult | Promise<GatewayResult> {
  check(args.length === 2, 'G1', () => `called the app with ${args.length} arguments`);
  const [environ, startResponse] = args as Parameters<GatewayApp>;
  check(typeof startResponse === 'function', 'G1', () => 'called the app without startResponse');
  checkEnviron(environ);
  environ['wsgi.input'] = new LintedInput(environ['wsgi.input']);
  const under = underlyingOf(environ['wsgi.input']);
  const response = new LintedResponse(environ.REQUEST_METHOD, startResponse, () => under?.isOver === true);
  const start: StartResponse = (...given) => response.start(given);
  const upgrade = environ['appserve.websocket'];
  if (upgrade !== undefined) {
    environ['appserve.websocket'] = (startSwitching, hooks, options) => {
      response.offerSwitching();
      return upgrade(startSwitching, hooks, options);
    };
  }
  const result = app(environ, start);
  const isLater = typeof (result as Partial<Promise<GatewayResult>> | null | undefined)?.then === 'function';
  return isLater ? Promise.resolve(result).then((later) => lintedResult(later, response)) : lintedResult(result, response);
}
