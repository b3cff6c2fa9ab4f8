// logging/sinks/open-sink.ts: a sink for each destination.

import type { Destination } from '@appserve/core/log';
import { FileSink } from './file-sink.ts';
import { RotatingSink } from './rotating-sink.ts';
import { NullSink, type Sink } from './sink.ts';
import { StreamSink } from './stream-sink.ts';
import { TimedSink } from './timed-sink.ts';
import { WatchedSink } from './watched-sink.ts';

/** `fd`: what the main thread has opened for it: a file, or a stream of the process. */
export async function openSink(to: Destination, fd: number | undefined): Promise<Sink> {
  switch (to.type) {
    case 'null':
      return new NullSink();
    case 'stream':
      return new StreamSink(fd ?? (to.stream === 'stderr' ? 2 : 1));
    case 'file':
      return new FileSink(to.path, fd);
    case 'watched':
      return new WatchedSink(to.path, fd);
    case 'rotating':
      return new RotatingSink(to.path, fd, to.maxBytes, to.backupCount);
    case 'timed':
      return new TimedSink(to.path, fd, to, to.backupCount);
    case 'syslog': {
      const { syslogSink } = await import('./syslog-sink.ts');
      return syslogSink(to);
    }
  }
}
