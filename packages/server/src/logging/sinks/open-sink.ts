// logging/sinks/open-sink.ts: a sink for each destination.

import type { Destination } from '@appserve/core/log';
import { FileSink } from './file-sink.ts';
import { RotatingSink } from './rotating-sink.ts';
import { NullSink, type Sink } from './sink.ts';
import { StreamSink, type Streams } from './stream-sink.ts';
import { TimedSink } from './timed-sink.ts';
import { WatchedSink } from './watched-sink.ts';

/** Files are opened here, by their paths; streams of the process are lent. */
export async function openSink(to: Destination, streams: Streams): Promise<Sink> {
  switch (to.type) {
    case 'null':
      return new NullSink();
    case 'stream':
      return new StreamSink(streams[to.stream]);
    case 'file':
      return new FileSink(to);
    case 'watched':
      return new WatchedSink(to);
    case 'rotating':
      return new RotatingSink(to);
    case 'timed':
      return new TimedSink(to);
    case 'syslog': {
      const { syslogSink } = await import('./syslog-sink.ts');
      return syslogSink(to);
    }
  }
}
