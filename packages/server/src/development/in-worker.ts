// development/in-worker.ts: what a worker does otherwise in development: it tells what it reads, and shows what fails.

import type { MessagePort } from 'node:worker_threads';
import type { Handler } from '@appserve/core/exchange';
import { observe } from './observe.ts';
import type { DevelopmentNews, WorkingRole } from './news.ts';
import { showing, showingFailures } from './show.ts';

export interface Developing {
  /** An app shall be loaded; else its failure is shown. */
  readonly hasApp: boolean;
  around(handler: Handler, ending: AbortSignal): Handler;
  /** Before the worker ends. */
  flush(): void;
}

/** `lend`: where a port can be given to who is told. */
export function developing(
  { failure, token }: WorkingRole,
  tell: (news: DevelopmentNews) => void,
  lend: ((port: MessagePort) => void) | undefined,
): Developing {
  const observer = failure === undefined ? observe((reads) => tell({ type: 'reads', reads })) : undefined;
  if (lend !== undefined) observer?.lend(lend);
  return {
    hasApp: failure === undefined,
    around: (handler, ending) =>
      failure === undefined
        ? showingFailures(handler, { token, ending }, (failed) => tell({ type: 'request-failed', failed }))
        : showing(failure, { token, ending }),
    flush: () => observer?.flush(),
  };
}
