// logging/caller.ts: where in the code a record is made: for formats that ask for it, since it costs a look at the stack.

import { fileURLToPath } from 'node:url';
import type { Caller } from '@appserve/core/log';

const FRAMES = 16;
/** What records of apps pass through on their way here. */
const OF_LOGGING = /\/(?:pino|fastify|pino-http)\/|^node:/;

/**
 * The first frame that is not of logging itself; nothing where there is none. `own`: how many functions of ours stand between; they are
 * counted, since they share their file with others.
 */
export function callerHere(own: number): Caller | undefined {
  const sites = sitesHere().slice(own);
  const site = sites.find((candidate) => isOfApp(candidate.getFileName()));
  if (site === undefined) return undefined;
  return { path: pathOf(site.getFileName()!), line: site.getLineNumber() ?? 0, func: site.getFunctionName() ?? '<module>' };
}

function isOfApp(file: string | null | undefined): boolean {
  return typeof file === 'string' && !OF_LOGGING.test(file);
}

function pathOf(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}

function sitesHere(): readonly NodeJS.CallSite[] {
  const { stackTraceLimit } = Error;
  // oxlint-disable-next-line typescript/unbound-method -- it is put back as it was, and not called
  const { prepareStackTrace } = Error;
  try {
    Error.stackTraceLimit = FRAMES;
    Error.prepareStackTrace = (_error, sites) => sites;
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, callerHere);
    return holder.stack as readonly NodeJS.CallSite[];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace!;
  }
}
