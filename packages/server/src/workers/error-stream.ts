// workers/error-stream.ts: `wsgi.errors`: what apps write there becomes log records, a line each.

import type { ErrorStream } from '@appserve/core/app';
import type { Logger } from '../log.ts';

export function errorStream(log: Logger): ErrorStream {
  let open = '';
  const write = (text: string): void => {
    const lines = `${open}${text}`.split('\n');
    open = lines.pop()!;
    for (const line of lines) log.error(line);
  };
  const flush = (): void => {
    if (open !== '') log.error(open);
    open = '';
  };
  return {
    write,
    writelines: (lines) => {
      for (const line of lines) write(line);
    },
    flush,
  };
}
