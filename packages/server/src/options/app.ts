// options/app.ts: what an app is given, and is taken for.

import { bool, choice, exported, option, optional, seconds, size, type Options } from '@appserve/core/options';

export const appOptions = {
  interface: option(
    choice('auto', 'gateway', 'fetch', 'node', 'cgi', 'websocket'),
    'auto',
    'Which contract the app keeps; auto: told by its shape, see docs/guide/frameworks.md. To be said of what two contracts could mean, such as a minified (request, response) function.',
  ),
  light_fetch: option(
    bool(),
    'false',
    'For fetch apps: put a Response that costs a tenth to make in the place of the global one, in every worker. See docs/reference/fetch.md.',
  ),
  websocket_max_message: option(
    size({ min: 1, max: 2 ** 31 - 1 }),
    '16MiB',
    'A larger WebSocket message closes its connection with 1009; an endpoint may say otherwise.',
    'uvicorn',
  ),
  websocket_ping: option(
    seconds(),
    '20',
    'How often a silent WebSocket client is asked whether it is there; one that has not answered until the next time is dropped. 0: never.',
    'uvicorn',
  ),
  handler_class: optional(
    exported(
      'a class that extends GatewayHandler, as `pkg#Name` or `./module.js#Name`; from TypeScript the URL of its module with #Name',
      'CLASS',
    ),
    'What answers each request of a gateway app, with its own getEnviron, startResponse, handleError, logRequest, ... A relative path begins at the folder of the ini. See docs/reference/gateway.md.',
    'gevent',
  ),
  environ_class: optional(
    exported(
      'a class of environs, as `pkg#Name` or `./module.js#Name`; from TypeScript the URL of its module with #Name',
      'CLASS',
    ),
    'What the app gets as environ: @appserve/core#SecureEnviron and #WSGISecureEnviron do not show cookies and credentials when they are printed.',
    'gevent',
  ),
} as const satisfies Options;
