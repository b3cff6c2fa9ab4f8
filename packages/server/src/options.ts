// options.ts: every option of the HTTP server, once. Validation, flags, --help, the reference page and the types read this table.
//
// Names and defaults marked Pyruvate are a contract: an ini written for it means the same here.

import type { Options } from '@appserve/core/options';
import { appOptions } from './options/app.ts';
import { developmentOptions } from './options/development.ts';
import { httpOptions } from './options/http.ts';
import { loggingOptions } from './options/logging.ts';
import { processOptions } from './options/process.ts';
import { proxiesOptions } from './options/proxies.ts';
import { socketsOptions } from './options/sockets.ts';
import { tlsOptions } from './options/tls.ts';
import { workersOptions } from './options/workers.ts';

export const serverOptions = {
  ...socketsOptions,
  ...workersOptions,
  ...httpOptions,
  ...appOptions,
  ...tlsOptions,
  ...proxiesOptions,
  ...processOptions,
  ...loggingOptions,
  ...developmentOptions,
} as const satisfies Options;
